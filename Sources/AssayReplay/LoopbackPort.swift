import AssayCore
import AssaySystem
import Glibc

/// Free ports on the loopback interface.
enum LoopbackPort {
    /// A port that nothing listens on right now; somebody else may take it before it is used.
    static func free() throws(AssayError) -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | 0o2000000, 0)
        guard socket >= 0 else { throw failure("open a socket") }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                unsafe bind(socket, general, length) == 0
                    ? unsafe getsockname(socket, general, &length) : -1
            }
        }
        guard status == 0 else { throw failure("bind a socket") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func failure(_ attempt: String) -> AssayError {
        FileSystem.systemError("could not \(attempt) to find a free port", number: errno)
    }
}
