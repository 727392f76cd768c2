public import AssayCore
public import AssayEnvironment
public import AssayStore

/// What `assay.yaml` says of a service: what decides its answers, and how to serve it.
public struct ServiceDefinition: Hashable, Sendable {
    /// The service's name; everything is keyed by it.
    public let name: String
    /// Which files of the commit are its code.
    public let code: CodeSelection
    /// The data it was made from or looks things up in.
    public let data: [Item]
    /// The files, or directories, of its feature configuration.
    public let features: [String]
    /// The weights of its models.
    public let weights: [Item]
    /// What it runs in.
    public let environment: Environment
    /// How it is started.
    public let serve: ServeSpec
    /// How its traffic is told apart when it is captured; does not decide answers.
    public let capture: CaptureSettings

    /// The name of the file.
    public static let fileName = "assay.yaml"
    /// The schema this version reads.
    public static let schema = "assay/service/v1"

    /// Files that say how to judge or pack a service and are never part of its code.
    static let controlFiles: Set<String> = [
        fileName, PinFile.fileName, "gate.yaml", "waivers.yaml",
    ]

    /// Patterns of paths.
    public struct CodeSelection: Hashable, Sendable {
        /// A file is code if one of these matches it…
        public let include: [Glob]
        /// …and none of these does.
        public let exclude: [Glob]

        /// Whether a path, relative to the directory of `assay.yaml`, is selected.
        public func selects(_ path: String) -> Bool {
            include.contains { $0.matches(path) } && !exclude.contains { $0.matches(path) }
        }
    }

    /// One piece of data or weights.
    public struct Item: Hashable, Sendable {
        /// Its name within the service.
        public let name: String
        /// What kind of content it is, if declared: `table`, `file`, `directory`, `archive`.
        public let kind: String?
        /// How finely it is cut into segments; decides what is stored again when it changes, and is
        /// no part of what the item is.
        public let grain: SegmentGrain
        /// Where it is.
        public let source: Source
        /// Which files of a directory belong to it.
        public let selection: ItemSelection

        /// Where an item's content is.
        public enum Source: Hashable, Sendable {
            /// A file or directory beneath the directory of `assay.yaml`.
            case path(String)
            /// Kept elsewhere: only its digest is in the bundle.
            case reference(uri: String, digest: Digest)
        }

        /// The path, if the item has one.
        public var path: String? {
            if case .path(let path) = source { path } else { nil }
        }

        /// Where it is in the bundle: of an archive, its content stands at the path without the
        /// endings of the container.
        public var bundlePath: String? {
            kind == "archive" ? path.map(Self.unpackedPath) : path
        }

        /// A path without the endings of an archive; with `.content` if it has none.
        static func unpackedPath(_ path: String) -> String {
            var rest = path
            for ending in [".gz", ".zst", ".xz"] where rest.hasSuffix(ending) {
                rest = String(rest.dropLast(ending.count))
                break
            }
            for ending in [".tar", ".zip", ".tgz", ".tzst", ".txz"] where rest.hasSuffix(ending) {
                rest = String(rest.dropLast(ending.count))
                break
            }
            return rest == path || rest.hasSuffix("/") || rest.isEmpty ? "\(path).content" : rest
        }
    }

    /// The declared environment, with its lock still a path.
    public struct Environment: Hashable, Sendable {
        /// How the environment comes about.
        public let kind: EnvironmentSpec.Kind
        /// The version of Python, for kind `venv`.
        public let python: PythonVersion?
        /// The path of the lock, for kind `venv`.
        public let lock: String?
        /// The image, with its digest, for kind `image`.
        public let image: String?
        /// The variables the service is given.
        public let variables: [String: String]
        /// The names of variables whose values come from the caller.
        public let secrets: [String]
    }
}

extension ServiceDefinition {
    /// How finely a file of the service is cut.
    func grain(of path: String) -> SegmentGrain {
        (data + weights).first { item in
            item.path.map { RelativePath.isWithin(path, $0) } ?? false
        }?.grain ?? .standard
    }
}
