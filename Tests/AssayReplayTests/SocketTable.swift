import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// The TCP sockets of this network namespace at one time.
struct SocketTable {
    /// One socket.
    struct Row {
        /// Addresses as the kernel writes them (hexadecimal), and ports.
        var localHost: Substring, localPort: Int, remoteHost: Substring, remotePort: Int
        var state: Substring, inode: Int

        /// Whether the other end is on this machine's loopback interface.
        var isToLoopback: Bool {
            remoteHost.hasSuffix("7F") && remoteHost.count == 8
                || remoteHost == "00000000000000000000000001000000"
                || remoteHost.hasPrefix("0000000000000000FFFF0000") && remoteHost.hasSuffix("7F")
        }

        /// Whether it waits for connections.
        var isListening: Bool { state == "0A" }
    }

    let rows: [Row]

    /// Reads what the kernel tells.
    init() throws {
        var rows: [Row] = []
        for file in ["/proc/net/tcp", "/proc/net/tcp6"] as [FilePath] where FileSystem.exists(file)
        {
            let text = String(decoding: try FileSystem.read(file), as: UTF8.self)
            for line in text.split(separator: "\n").dropFirst() {
                let words = line.split(separator: " ")
                let local = words[1].split(separator: ":")
                let remote = words[2].split(separator: ":")
                rows.append(
                    Row(
                        localHost: local[0], localPort: Int(local[1], radix: 16) ?? 0,
                        remoteHost: remote[0], remotePort: Int(remote[1], radix: 16) ?? 0,
                        state: words[3], inode: Int(words[9]) ?? 0))
            }
        }
        self.rows = rows
    }

    /// The inodes of the sockets that a process holds; none for one that has ended.
    static func inodes(of process: String) -> Set<Int> {
        let directory = "/proc/\(process)/fd"
        // A process may end while it is looked at.
        let names = (try? FileSystem.names(in: FilePath(directory))) ?? []
        var inodes: Set<Int> = []
        for name in names {
            var buffer = [CChar](repeating: 0, count: 128)
            let count = unsafe readlink("\(directory)/\(name)", &buffer, buffer.count)
            guard count > 0 else { continue }
            let text = String(
                decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("socket:["), let inode = Int(text.dropFirst(8).dropLast()) else {
                continue
            }
            inodes.insert(inode)
        }
        return inodes
    }
}
