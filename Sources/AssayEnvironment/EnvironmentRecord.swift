import AssayCore
import AssaySystem
import SystemPackage

/// The record of a finished environment: written last, read first.
struct EnvironmentRecord: Hashable {
    /// The environment's key.
    let key: Digest
    /// What the lock says is installed: normalised names and the versions as their wheels name
    /// them.
    let packages: [String: String]
    /// What tells its files from changed ones; see `FileTree`.
    let files: Digest

    static let schema = "assay/venv/v2"

    /// Packages that every new environment brings along.
    static let tolerated: Set<String> = ["pip", "setuptools", "wheel", "distribute"]

    func encoded() -> [UInt8] {
        CanonicalJSON.encode([
            "schema": .string(Self.schema), "key": JSONValue(key), "packages": JSONValue(packages),
            "files": JSONValue(files),
        ])
    }

    static func parse(_ bytes: [UInt8], file: String) throws(AssayError) -> EnvironmentRecord {
        let reader = JSONReader(try JSONParser.parse(bytes, file: file), document: file)
        guard try reader["schema"].string() == schema else {
            throw AssayError(.invalidDocument, "\(file) is of a schema this version does not know")
        }
        return EnvironmentRecord(
            key: try reader["key"].digest(), packages: try reader["packages"].stringMap(),
            files: try reader["files"].digest())
    }

    /// Throws `.environment` unless the probe found exactly what the lock says.
    func check(_ facts: [String: String], root: FilePath) throws(AssayError) {
        var faults: [String] = []
        for (name, version) in packages.sorted(by: { $0.key < $1.key }) {
            switch facts["package.\(name)"] {
            case version?: break
            case let other?: faults.append("\(name) is \(other), locked is \(version)")
            case nil: faults.append("\(name) \(version) is not installed")
            }
        }
        for (key, version) in facts.sorted(by: { $0.key < $1.key }) where key.hasPrefix("package.")
        {
            let name = String(key.dropFirst("package.".count))
            if packages[name] == nil, !Self.tolerated.contains(name) {
                faults.append("\(name) \(version) is installed but not locked")
            }
        }
        guard faults.isEmpty else {
            throw AssayError(
                .environment,
                "what is installed in \(root) is not what is locked: \(faults.joined(separator: "; "))",
                hint:
                    "remove it with `rm -r \(root)` and run this again; it is built anew from the lock"
            )
        }
    }
}
