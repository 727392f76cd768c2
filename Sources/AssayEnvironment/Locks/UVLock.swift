import AssayConfiguration
import AssayCore

/// What `uv.lock` holds: every package for every platform, with hashes, and who needs whom.
///
/// Format: versions 1 of uv's lock (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile).
struct UVLock {
    /// One package.
    struct Package {
        let name: String
        let version: String?
        /// Whether it is the project, or a part of it, and not something to be installed.
        let isProject: Bool
        /// Whether it comes from an index; others have no hashes.
        let isFromIndex: Bool
        let hashes: [String]
        let dependencies: [Dependency]
        /// What each extra needs besides.
        let extras: [String: [Dependency]]
    }

    /// What a package needs.
    struct Dependency {
        let name: String
        let version: String?
        let marker: String?
        let extras: [String]
    }

    let packages: [Package]
    private let file: String

    init(_ bytes: [UInt8], file: String) throws(AssayError) {
        self.file = file
        let root = JSONReader(try TOMLDocument.parse(bytes, file: file), document: file)
        guard try root["version"].integer() == 1 else {
            throw AssayError(
                .unsupported,
                "\(file) is of version \(try root["version"].integer()); 1 is read here"
            )
        }
        var packages: [Package] = []
        if root["package"].isPresent {
            for package in try root["package"].elements() {
                packages.append(try Self.package(package))
            }
        }
        self.packages = packages
    }

    private static func package(_ reader: JSONReader) throws(AssayError) -> Package {
        let source = try reader["source"].members().map(\.key)
        var hashes: Set<String> = []
        if reader["wheels"].isPresent {
            for wheel in try reader["wheels"].elements() {
                if let hash = try wheel["hash"].ifPresent?.string() { hashes.insert(hash) }
            }
        }
        if let hash = try reader["sdist"]["hash"].ifPresent?.string() { hashes.insert(hash) }
        var extras: [String: [Dependency]] = [:]
        if reader["optional-dependencies"].isPresent {
            for (name, list) in try reader["optional-dependencies"].members() {
                extras[PackageName.normalise(name)] = try dependencies(list)
            }
        }
        return Package(
            name: PackageName.normalise(try reader["name"].string()),
            version: try reader["version"].ifPresent?.string(),
            isProject: source.contains("virtual") || source.contains("editable"),
            isFromIndex: source.contains("registry") || source.contains("url"),
            hashes: hashes.sorted(),
            dependencies: reader["dependencies"].isPresent
                ? try dependencies(reader["dependencies"]) : [], extras: extras)
    }

    private static func dependencies(_ reader: JSONReader) throws(AssayError) -> [Dependency] {
        var dependencies: [Dependency] = []
        for element in try reader.elements() {
            dependencies.append(
                Dependency(
                    name: PackageName.normalise(try element["name"].string()),
                    version: try element["version"].ifPresent?.string(),
                    marker: try element["marker"].ifPresent?.string(),
                    extras: element["extra"].isPresent ? try element["extra"].strings() : []))
        }
        return dependencies
    }

    /// What the project needs to run, as requirements: development groups and extras of the project
    /// left out, each package under the markers of all the ways that lead to it.
    func requirements() throws(AssayError) -> RequirementsLock {
        var reached: [Int: Set<String>] = [:]
        var order: [Int] = []
        var pending: [(dependency: Dependency, condition: String)] = []
        for project in packages where project.isProject {
            pending += project.dependencies.map { ($0, "") }
        }
        var seen: Set<String> = []
        while let (dependency, condition) = pending.popLast() {
            let marker = Self.both(condition, dependency.marker ?? "")
            guard let index = find(dependency) else {
                throw AssayError(
                    .invalidDocument,
                    "\(file) has no package \(dependency.name), which another needs",
                    hint: "write it anew with `uv lock`")
            }
            let package = packages[index]
            if reached[index] == nil { order.append(index) }
            reached[index, default: []].insert(marker)
            let extras = dependency.extras.map(PackageName.normalise)
            guard seen.insert("\(index) \(extras) \(marker)").inserted else { continue }
            // Many ways with conditions of their own: it is needed one way or the other.
            let passed = (reached[index]?.count ?? 0) > 32 ? "" : marker
            if passed.isEmpty { reached[index]?.insert("") }
            pending += package.dependencies.map { ($0, passed) }
            for extra in extras {
                pending += package.extras[extra, default: []].map { ($0, passed) }
            }
        }
        var requirements: [RequirementsLock.Requirement] = []
        for index in order where !packages[index].isProject {
            requirements.append(try requirement(packages[index], under: reached[index] ?? []))
        }
        return RequirementsLock(requirements: requirements.sorted { $0.name < $1.name })
    }

    private func find(_ dependency: Dependency) -> Int? {
        packages.firstIndex { package in
            package.name == dependency.name
                && (dependency.version == nil || package.version == dependency.version)
        }
    }

    private static func both(_ left: String, _ right: String) -> String {
        if left.isEmpty || left == right { return right }
        if right.isEmpty { return left }
        return "(\(left)) and (\(right))"
    }

    private func requirement(
        _ package: Package, under conditions: Set<String>
    ) throws(AssayError) -> RequirementsLock.Requirement {
        guard let version = package.version, package.isFromIndex, !package.hashes.isEmpty else {
            throw AssayError(
                .unsupported, "\(file) takes \(package.name) from a place without a hash",
                hint: "take it from an index, or keep it as code of the service")
        }
        let marker =
            conditions.contains("")
            ? nil : conditions.sorted().map { "(\($0))" }.joined(separator: " or ")
        return RequirementsLock.Requirement(
            name: package.name, extras: [], version: version, marker: marker,
            hashes: package.hashes, line: 0)
    }
}
