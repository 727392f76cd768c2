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

    /// The content of `oci-layout`.
    static let layout = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)

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
    public static func open(at root: FilePath) throws(AssayError) -> Store {
        let marker = root.appending("oci-layout")
        guard FileSystem.exists(marker) else {
            throw AssayError(
                .notFound, "there is no store at \(root)", hint: "make one with `assay init`")
        }
        let bytes = try FileSystem.read(marker, limit: 4096)
        let version = JSONReader(
            try JSONParser.parse(bytes, file: marker.string), document: marker.string)
        guard try version["imageLayoutVersion"].string() == "1.0.0" else {
            throw AssayError(.unsupported, "\(marker) is of a layout version that is not 1.0.0")
        }
        let store = Store(root: root)
        for directory in [store.blobs, store.refsRoot, store.ingest] {
            guard !FileSystem.exists(directory) else { continue }
            try FileSystem.makeDirectory(directory)
        }
        return store
    }

    var blobs: FilePath { root.appending("blobs").appending("sha256") }
    var refsRoot: FilePath { root.appending("refs") }
    var ingest: FilePath { root.appending("ingest") }
    var logPath: FilePath { root.appending("log") }

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
        for name in try FileSystem.names(in: ingest) {
            let path = ingest.appending(name)
            guard let process = Int32(name.prefix { $0 != "-" }), process > 0,
                kill(process, 0) != 0, errno == ESRCH,
                let status = try FileSystem.status(of: path),
                now - status.modified > 3_600_000_000_000
            else { continue }
            try FileSystem.removeTree(path)
        }
    }
}
