public import AssayCore
import AssaySystem
public import SystemPackage

/// The files of a built environment, held against what they were when it was finished.
///
/// What ordinary use leaves behind is no change: bytecode in `__pycache__`, data that packages write,
/// modules of new names, and times that a copy of the cache moved.
struct EnvironmentFiles {
    let root: FilePath

    private static let record = "assay-environment.json", list = "assay-files.jsonl"
    private var recordFile: FilePath { root.appending(Self.record) }
    private var listFile: FilePath { root.appending(Self.list) }
    private var tree: FileTree {
        FileTree(root: root, leavingOut: ["__pycache__", Self.record, Self.list])
    }

    /// The record of a finished environment; throws as reading and parsing do.
    func readRecord() throws(AssayError) -> EnvironmentRecord {
        try EnvironmentRecord.parse(
            try FileSystem.read(recordFile, limit: 1 << 24), file: recordFile.string)
    }

    /// Whether there is a record.
    var isFinished: Bool { FileSystem.exists(recordFile) }

    /// Writes down what each file is now, then the record. Costs hashing every file.
    func finish(key: Digest, packages: [String: String]) throws(AssayError) -> EnvironmentRecord {
        let seen = try tree.fingerprint()
        try write(try current(hashing: true).map(\.value))
        let record = EnvironmentRecord(key: key, packages: packages, files: seen)
        try FileSystem.replace(recordFile, with: record.encoded())
        return record
    }

    /// Throws `.environment` with the first file that was changed, is gone, or was added so that Python
    /// loads it in place of another or at each start.
    ///
    /// Costs a look at every file; where sizes or times are others, a hash of those files.
    func check(_ record: EnvironmentRecord) throws(AssayError) {
        // Taken before the files are looked at: what changes meanwhile is looked into the next time.
        let seen = try tree.fingerprint()
        if seen == record.files { return }
        let known = try list()
        var now = try current(hashing: false)
        var faults: [String] = []
        var moved: [String: Int64] = [:]
        for (path, old) in known.sorted(by: { $0.key < $1.key }) {
            guard let new = now.removeValue(forKey: path) else {
                faults.append("\(path) is gone")
                continue
            }
            if new.hasStatus(of: old) { continue }
            guard new.isLink == old.isLink, new.size == old.size,
                try content(of: path, new) == old.content
            else {
                faults.append("\(path) is another")
                continue
            }
            moved[path] = new.modified
        }
        let modules = PythonModules(files: known.keys)
        for path in now.keys.sorted() {
            if let fault = modules.hidden(by: path) { faults.append("\(path) was added, \(fault)") }
        }
        guard faults.isEmpty else {
            let others = faults.count - 1
            throw AssayError(
                .environment,
                "the files in \(root) are not those that were installed: \(faults[0])"
                    + (others == 0 ? "" : others == 1 ? ", and 1 more" : ", and \(others) more"),
                hint:
                    "remove it with `rm -r \(root)` and run this again; it is built anew from the lock"
            )
        }
        // The same bytes at other times, as a restored cache has them, and files that do no harm: neither is
        // to be looked into each time.
        if !moved.isEmpty {
            try write(
                known.values.map { entry in
                    var entry = entry
                    entry.modified = moved[entry.path] ?? entry.modified
                    return entry
                })
        }
        let checked = EnvironmentRecord(key: record.key, packages: record.packages, files: seen)
        try FileSystem.replace(recordFile, with: checked.encoded())
    }

    /// A file or link: what its status says, and what is in it.
    private struct Entry {
        let path: String
        let isLink: Bool
        let size: Int
        var modified: Int64
        /// The digest of a file's bytes, a link's target; empty where it was not read.
        var content = ""

        func hasStatus(of other: Entry) -> Bool {
            isLink == other.isLink && size == other.size
                && (isLink ? content == other.content : modified == other.modified)
        }
    }

    private func content(of path: String, _ entry: Entry) throws(AssayError) -> String {
        entry.isLink ? entry.content : try OpenFile.reading(root.appending(path)).digest().hex
    }

    private func current(hashing: Bool) throws(AssayError) -> [String: Entry] {
        var found: [String: Entry] = [:]
        try FileSystem.walk(beneath: root, leavingOut: tree.leavingOut) {
            (path, status) throws(AssayError) in
            guard status.kind == .file || status.kind == .symlink else { return }
            let isLink = status.kind == .symlink
            var entry = Entry(
                path: path, isLink: isLink, size: isLink ? 0 : status.size,
                modified: isLink ? 0 : status.modified)
            if isLink {
                let target = try FileSystem.target(of: root.appending(path))
                entry.content = String(decoding: target, as: UTF8.self)
            } else if hashing {
                entry.content = try content(of: path, entry)
            }
            found[path] = entry
        }
        return found
    }

    private func write(_ entries: [Entry]) throws(AssayError) {
        var lines: [UInt8] = []
        for entry in entries.sorted(by: { $0.path < $1.path }) {
            lines += CanonicalJSON.encode([
                "path": .string(entry.path), "link": .bool(entry.isLink),
                "size": JSONValue(entry.size), "modified": .integer(entry.modified),
                "content": .string(entry.content),
            ])
            lines.append(0x0A)
        }
        try FileSystem.replace(listFile, with: lines)
    }

    private func list() throws(AssayError) -> [String: Entry] {
        var entries: [String: Entry] = [:]
        let bytes = try FileSystem.read(listFile)
        for (line, text) in bytes.split(separator: 0x0A).enumerated() {
            let name = "\(listFile):\(line + 1)"
            let reader = JSONReader(try JSONParser.parse(Array(text), file: name), document: name)
            let path = try reader["path"].string()
            entries[path] = Entry(
                path: path, isLink: try reader["link"].bool(), size: try reader["size"].integer(),
                modified: Int64(try reader["modified"].integer()),
                content: try reader["content"].string())
        }
        return entries
    }
}

extension VirtualEnvironment {
    /// Throws `.environment` if files of a built environment were changed, or hidden by added ones, since
    /// it was built. Costs a look at every file.
    public static func checkFiles(in root: FilePath) throws(AssayError) {
        let files = EnvironmentFiles(root: root)
        try files.check(try files.readRecord())
    }
}
