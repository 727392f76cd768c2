import AssayCore
import AssayRegistry
import AssaySystem
import SystemPackage

/// The registries that this clone knows by name: `remotes` in `.assay/config`.
struct RemoteSettings {
    private let path: FilePath
    /// Where each remote is.
    private(set) var remotes: [String: RegistryLocation]

    private static let schema = "assay/config/v1"

    /// Reads the settings; there are none before the first remote is added.
    init(_ workspace: Workspace) throws(AssayError) {
        path = workspace.privateDirectory.appending("config")
        remotes = [:]
        guard FileSystem.exists(path) else { return }
        let root = JSONReader(
            try JSONParser.parse(try FileSystem.read(path, limit: 1 << 20), file: path.string),
            document: path.string)
        try root.allow(only: ["schema", "remotes"])
        guard try root["schema"].string() == Self.schema else {
            throw AssayError(.unsupported, "\(path) is of a schema this version does not know")
        }
        for (name, location) in try root["remotes"].stringMap() {
            remotes[name] = try RegistryLocation(location)
        }
    }

    /// The names, sorted.
    var names: [String] { remotes.keys.sorted() }

    /// Adds a remote. Throws `.usage` for a name that is taken or cannot be one.
    mutating func add(_ name: String, _ location: RegistryLocation) throws(AssayError) {
        let isPlain = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        }
        guard isPlain, (1...64).contains(name.utf8.count), !name.hasPrefix("-") else {
            throw AssayError(
                .usage, "\(name.debugDescription) cannot be the name of a remote",
                hint: "use letters, digits, - and _")
        }
        if let present = remotes[name] {
            guard present == location else {
                throw AssayError(
                    .usage, "there is a remote \(name) already, at \(present)",
                    hint: "remove it first with `assay remote remove \(name)`")
            }
            return
        }
        remotes[name] = location
        try write()
    }

    /// Forgets a remote; what it holds stays there.
    mutating func remove(_ name: String) throws(AssayError) {
        guard remotes.removeValue(forKey: name) != nil else { throw unknown(name) }
        try write()
    }

    /// The remote of a name, or the only one. Throws `.usage` if that is none, or not the only one.
    func choose(_ name: String?) throws(AssayError) -> (name: String, location: RegistryLocation) {
        if let name {
            guard let location = remotes[name] else { throw unknown(name) }
            return (name, location)
        }
        guard let only = names.first, let location = remotes[only] else {
            throw AssayError(
                .usage, "no registry is known here",
                hint: "name one with `assay remote add team oci://HOST/PATH`")
        }
        guard names.count == 1 else {
            throw AssayError(
                .usage, "there are \(names.count) remotes: \(names.joined(separator: ", "))",
                hint: "say which with `--remote \(only)`")
        }
        return (only, location)
    }

    /// Another repository of the same registry, to take blobs from.
    func neighbour(of location: RegistryLocation) -> String? {
        names.compactMap { remotes[$0] }.first {
            $0.host == location.host && $0.repository != location.repository
        }?.repository
    }

    private func unknown(_ name: String) -> AssayError {
        let meant = Suggestion.nearest(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
        return AssayError(
            .notFound, "there is no remote \(name)\(meant)", hint: "see `assay remote list`")
    }

    private func write() throws(AssayError) {
        let document: JSONValue = [
            "schema": JSONValue(Self.schema),
            "remotes": JSONValue(remotes.mapValues(\.description)),
        ]
        try FileSystem.replace(path, with: CanonicalJSON.encode(document) + [UInt8(ascii: "\n")])
    }
}
