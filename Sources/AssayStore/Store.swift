public import AssayCore
import AssaySystem
import Glibc
public import SystemPackage

/// Content-addressed blobs with names: an OCI image layout on disk.
///
/// A value with a path; all state is on disk, and many processes may use one store at once. Blobs
/// are immutable and checked whenever they are read. The format is in Documentation/FORMAT.md.
public struct Store: Sendable {
    /// Where the store is.
    public let root: FilePath
    /// What this process works with; it is let go with the last copy of this value.
    let lease = LeaseHolder()

    /// The content of `oci-layout`.
    static let layout = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)

    private init(root: FilePath) {
        self.root = root
    }

    /// Makes a store; one that is there already is opened.
    public static func create(at root: FilePath) throws(AssayError) -> Store {
        if FileSystem.exists(root.appending("oci-layout")) { return try open(at: root) }
        let store = Store(root: root)
        for directory in [store.blobs, store.refsRoot, store.ingest] {
            try FileSystem.makeDirectory(directory)
        }
        try store.withLock { () throws(AssayError) in try store.writeIndex() }
        // The marker comes last: a store without it is not one yet.
        try FileSystem.replace(root.appending("oci-layout"), with: layout)
        return store
    }

    /// Opens a store; never makes one. Throws `.notFound` if there is none.
    ///
    /// With `mending` a marker that is lost or damaged is written anew, if refs, log and blobs show that
    /// this is a store.
    public static func open(
        at root: FilePath, mending: Bool = false
    ) throws(AssayError) -> Store {
        let store = Store(root: root)
        let marker = root.appending("oci-layout")
        do throws(AssayError) {
            try checkMarker(marker)
        } catch {
            let isStore = [store.blobs, store.refsRoot, store.logPath].allSatisfy {
                FileSystem.exists($0)
            }
            guard isStore, error.code != .unsupported else { throw error }
            guard mending else {
                throw AssayError(
                    .damaged, "\(marker), which marks a store, is lost or damaged",
                    hint: "run `assay store fsck --repair`", cause: error)
            }
            try FileSystem.replace(marker, with: layout)
        }
        for directory in [store.blobs, store.refsRoot, store.ingest] {
            guard !FileSystem.exists(directory) else { continue }
            try FileSystem.makeDirectory(directory)
        }
        return store
    }

    private static func checkMarker(_ marker: FilePath) throws(AssayError) {
        guard FileSystem.exists(marker) else {
            throw AssayError(
                .notFound, "there is no store at \(marker.removingLastComponent())",
                hint: "make one with `assay init`")
        }
        let bytes = try FileSystem.read(marker, limit: 4096)
        let version = JSONReader(
            try JSONParser.parse(bytes, file: marker.string), document: marker.string)
        let parts = try version["imageLayoutVersion"].string().split(separator: ".")
        guard parts.count == 3, parts.allSatisfy({ Int($0) != nil }) else {
            throw version["imageLayoutVersion"].mismatch("a version")
        }
        guard parts == ["1", "0", "0"] else {
            throw AssayError(.unsupported, "\(marker) is of a layout version that is not 1.0.0")
        }
    }

    var blobs: FilePath { root.appending("blobs").appending("sha256") }
    var refsRoot: FilePath { root.appending("refs") }
    var ingest: FilePath { root.appending("ingest") }
    var logPath: FilePath { root.appending("log") }
    var leases: FilePath { root.appending("leases") }
    var trash: FilePath { root.appending("trash") }
    /// Held shared while a lease grows, alone while blobs are moved to `trash`.
    var collectionLock: FilePath { root.appending("gc.lock") }

    /// Where rebuildable files may be kept: anything in it can be deleted at any time.
    public var cache: FilePath { root.appending("cache") }

    /// Runs `body` while no other process changes refs.
    func withLock<R>(_ body: () throws(AssayError) -> R) throws(AssayError) -> R {
        let lock = try FileLock.acquire(root.appending("lock"))
        let result: Result<R, AssayError> = Result { () throws(AssayError) in try body() }
        _ = consume lock
        return try result.get()
    }

    /// Removes work in flight that a process left when it died.
    ///
    /// A directory of `ingest` carries its process in its name; it is removed when that process is
    /// gone and the directory is older than an hour, so that a number used again does no harm.
    public func sweepIngest(now: Int64) throws(AssayError) {
        for path in try abandonedIngest(now: now) { try FileSystem.removeTree(path) }
    }

    /// The directories of `ingest` that nobody will finish.
    func abandonedIngest(now: Int64) throws(AssayError) -> [FilePath] {
        var found: [FilePath] = []
        for name in try FileSystem.names(in: ingest) {
            let path = ingest.appending(name)
            if try isAbandoned(path, process: name.prefix { $0 != "-" }, now) { found.append(path) }
        }
        return found
    }

    /// The files beside others that nobody will rename into their place. Costs a look at every ref.
    func abandonedFiles(now: Int64) throws(AssayError) -> [FilePath] {
        var found: [FilePath] = []
        var pending = [root, cache, refsRoot]
        while let directory = pending.popLast() {
            guard FileSystem.exists(directory) else { continue }
            for name in try FileSystem.names(in: directory) {
                let path = directory.appending(name)
                // `.<name>.<process>.<random>.tmp`, as `FileSystem.replace` makes them.
                let parts = name.split(separator: ".")
                if name.hasPrefix("."), parts.count > 3, parts.last == "tmp" {
                    let process = parts[parts.count - 3]
                    if try isAbandoned(path, process: process, now) { found.append(path) }
                } else if directory.starts(with: refsRoot),
                    try FileSystem.status(of: path)?.kind == .directory
                {
                    pending.append(path)
                }
            }
        }
        return found
    }

    private func isAbandoned(
        _ path: FilePath, process: Substring, _ now: Int64
    ) throws(AssayError) -> Bool {
        guard let process = Int32(process), process > 0, kill(process, 0) != 0, errno == ESRCH,
            let status = try FileSystem.status(of: path)
        else { return false }
        return now - status.modified > 3_600_000_000_000
    }
}
