public import AssayCore
import Glibc
import SystemPackage

/// Which process this is, in a way that a number used again does not repeat: the id, when it was
/// started, and the boot of the machine it was started on.
public struct ProcessIdentity: Hashable, Sendable {
    /// The process id.
    public let id: Int32
    /// When it was started, in clock ticks since the boot: field 22 of `/proc/<id>/stat`, proc(5).
    public let start: Int64
    /// `/proc/sys/kernel/random/boot_id`.
    public let boot: String

    /// Names a process.
    public init(id: Int32, start: Int64, boot: String) {
        self.id = id
        self.start = start
        self.boot = boot
    }

    /// This process.
    public static func current() throws(AssayError) -> ProcessIdentity {
        guard let found = try running(getpid()) else {
            throw AssayError(.io, "could not find this process in /proc")
        }
        return found
    }

    /// Whether the process runs on this machine.
    public func isAlive() throws(AssayError) -> Bool {
        try Self.running(id) == self
    }

    /// The process that has this id now; `nil` if none has.
    static func running(_ id: Int32) throws(AssayError) -> ProcessIdentity? {
        let bytes: [UInt8]
        do throws(AssayError) {
            bytes = try FileSystem.read(FilePath("/proc/\(id)/stat"), limit: 1 << 16)
        } catch {
            if !FileSystem.exists(FilePath("/proc/\(id)")) { return nil }
            throw error
        }
        // The name, in brackets, may hold spaces and brackets; the fields after it do not.
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let start = Int64(String(decoding: fields[19], as: UTF8.self))
        else { throw AssayError(.io, "could not read when process \(id) was started") }
        // A zombie has ended; only its parent has not looked yet.
        if fields[0].elementsEqual("Z".utf8) { return nil }
        let boot = try FileSystem.read("/proc/sys/kernel/random/boot_id", limit: 4096)
        let line = boot.prefix { $0 != UInt8(ascii: "\n") }
        return ProcessIdentity(id: id, start: start, boot: String(decoding: line, as: UTF8.self))
    }
}
