public import AssayCore
public import AssayEnvironment

/// What a bundle is: the logical content whose canonical bytes give the bundle its id.
///
/// Nothing in it depends on the machine, the time, the commit or the path it was built at. The
/// capture settings are left out, because they decide no answer.
public struct BundleConfig: Hashable, Sendable {
    /// The service's name.
    public let service: String
    /// The tree digest of the code.
    public let code: Digest
    /// The data, in the order declared.
    public let data: [BundleItem]
    /// The feature configuration: the declared paths and the tree digest of their files.
    public let features: Features
    /// The weights, in the order declared.
    public let weights: [BundleItem]
    /// The environment.
    public let environment: EnvironmentSection
    /// How it is served.
    public let serve: ServeSpec

    /// The media type of the config blob.
    public static let mediaType = "application/vnd.assay.bundle.config.v1+json"
    /// The type of the artifact.
    public static let artifactType = "application/vnd.assay.bundle.v1+json"
    /// The schema this version writes and reads.
    public static let schema = "assay/bundle/v1"
    /// The names of the components, in the order they are shown.
    public static let componentNames = [
        "code", "data", "features", "weights", "environment", "serve",
    ]

    /// The feature configuration.
    public struct Features: Hashable, Sendable {
        /// The declared paths.
        public let paths: [String]
        /// The tree digest of the files at and beneath them.
        public let tree: Digest
    }

    /// The environment, with its lock by digest.
    public struct EnvironmentSection: Hashable, Sendable {
        /// How it comes about.
        public let kind: EnvironmentSpec.Kind
        /// The version of Python.
        public let python: PythonVersion?
        /// The path of the lock and the digest of its bytes.
        public let lock: Lock?
        /// The image.
        public let image: String?
        /// The variables the service is given.
        public let variables: [String: String]
        /// The names of the secrets.
        public let secrets: [String]

        /// A lock file.
        public struct Lock: Hashable, Sendable {
            /// Where it is in the bundle.
            public let path: String
            /// The digest of its bytes.
            public let digest: Digest
        }
    }

    /// The canonical bytes; their sha256 is the bundle's id.
    public var bytes: [UInt8] {
        CanonicalJSON.encode([
            "schema": .string(Self.schema), "service": .string(service),
            "components": .object(
                Dictionary(
                    uniqueKeysWithValues: Self.componentNames.map { ($0, component($0)) })),
        ])
    }

    /// The bundle's id.
    public var id: Digest { Digest(of: bytes) }

    /// The digest of one component: equal if and only if the component is.
    public func digest(of component: String) -> Digest {
        Digest(of: CanonicalJSON.encode(self.component(component)))
    }

    /// One component as it stands in the config; null for a name that is none.
    func component(_ name: String) -> JSONValue {
        switch name {
        case "code": ["tree": JSONValue(code)]
        case "data": .array(data.map(\.json))
        case "features": ["paths": JSONValue(features.paths), "tree": JSONValue(features.tree)]
        case "weights": .array(weights.map(\.json))
        case "environment": environment.json
        case "serve": serve.json
        default: .null
        }
    }

    /// Which component the file at `path` of the bundle belongs to.
    public func component(ofFile path: String) -> String {
        if environment.lock?.path == path { return "environment" }
        let holds = { (item: BundleItem) in
            item.path.map { RelativePath.isWithin(path, $0) } ?? false
        }
        if weights.contains(where: holds) { return "weights" }
        if features.paths.contains(where: { RelativePath.isWithin(path, $0) }) { return "features" }
        if data.contains(where: holds) { return "data" }
        return "code"
    }
}
