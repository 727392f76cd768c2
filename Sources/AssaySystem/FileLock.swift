public import AssayCore
import CLinux
import Glibc
public import SystemPackage

/// An advisory lock on a file (`flock(2)`): the system frees it when the process dies.
public struct FileLock: ~Copyable {
    private let file: OpenFile

    /// Takes the lock, waiting until `patience` is over; throws `.conflict` if it is still held.
    public static func acquire(
        _ path: FilePath, shared: Bool = false, patience: Duration = .seconds(30)
    ) throws(AssayError) -> FileLock {
        let file = try OpenFile.open(path, flags: O_RDWR | O_CREAT, mode: 0o644)
        let operation = (shared ? LOCK_SH : LOCK_EX) | LOCK_NB
        let deadline = ContinuousClock.now + patience
        while flock(file.rawDescriptor, operation) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw FileSystem.error("could not lock", path)
            }
            guard ContinuousClock.now < deadline else {
                throw AssayError(
                    .conflict, "another process holds \(path) since more than \(patience)",
                    hint: "see who with `fuser -v \(path)`, and run this again when it is done")
            }
            usleep(2_000)
        }
        return FileLock(file: file)
    }
}
