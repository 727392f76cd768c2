public import AssayCore
import Glibc
public import SystemPackage

/// A directory of its own that is removed when the value goes out of scope.
public struct TemporaryDirectory: ~Copyable {
    /// Where it is.
    public let path: FilePath

    /// Creates one beneath `parent`, readable by this user only.
    public init(in parent: FilePath, prefix: String = "assay-") throws(AssayError) {
        path = parent.appending("\(prefix)\(getpid())-\(UInt64.random(in: 0 ... .max))")
        try FileSystem.makeDirectory(path, mode: 0o700)
    }

    deinit {
        // Best effort: what cannot be removed is swept by the next run.
        try? FileSystem.removeTree(path)
    }
}
