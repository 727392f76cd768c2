import AssayCore
import AssaySystem
import SystemPackage

/// The directory of one run: logs, homes of services, rows on their way. It is removed when the
/// value goes out of scope; one that a killed run left behind is removed by the next.
struct RunDirectory: ~Copyable {
    /// Where it is.
    let path: FilePath
    private let lock: FileLock

    /// Creates one beneath `runs`, after sweeping away those that nobody holds.
    init(in runs: FilePath, name: String) throws(AssayError) {
        try FileSystem.makeDirectory(runs)
        try Self.sweep(runs)
        let directory = runs.appending(name)
        try FileSystem.makeDirectory(directory, mode: 0o700)
        let held = try FileLock.acquire(directory.appending("lock"), patience: .zero)
        path = directory
        lock = held
    }

    deinit {
        // Best effort: what cannot be removed now is swept by the next run.
        try? FileSystem.removeTree(path)
    }

    private static func sweep(_ runs: FilePath) throws(AssayError) {
        for name in try FileSystem.names(in: runs) {
            let file = runs.appending(name).appending("lock")
            guard try FileSystem.status(of: file)?.kind == .file else { continue }
            // A lock that cannot be had is a run that is alive: its directory stays.
            guard let lock = try? FileLock.acquire(file, patience: .zero) else { continue }
            try FileSystem.removeTree(runs.appending(name))
            _ = consume lock
        }
    }
}
