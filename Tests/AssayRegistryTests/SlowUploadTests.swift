import AssayCore
import AssaySystem
import AssayTestKit
import Glibc
import NIOHTTP1
import Synchronization
import SystemPackage
import Testing

@testable import AssayRegistry

@Suite("An upload that drips")
struct SlowUploadTests {
    /// Accepts one connection on a port and reads a little of it at a time, until told to end.
    private final class SlowReader: Sendable {
        let port: Int
        private let isOver = Mutex(false)

        init() throws {
            port = try RegistryServer.freePort()
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var small: Int32 = 65_536
            unsafe setsockopt(
                listener, SOL_SOCKET, SO_RCVBUF, &small, socklen_t(MemoryLayout<Int32>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let bound = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard bound == 0, listen(listener, 1) == 0 else {
                throw AssayError(.io, "could not listen")
            }
            try JoinableThread { [self] in
                let connection = accept(listener, nil, nil)
                var bytes = [UInt8](repeating: 0, count: 65_536)
                while !isOver.withLock({ $0 }) {
                    _ = unsafe read(connection, &bytes, bytes.count)
                    usleep(100_000)
                }
                close(connection)
                close(listener)
            }.detach()
        }

        func end() { isOver.withLock { $0 = true } }
    }

    @Test("is given up like one that stands still", .timeLimit(.minutes(10)))
    func drip() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-upload-")
        let file = directory.path.appending("blob")
        let size = 48 << 20
        try FileSystem.replace(file, with: [UInt8](repeating: 7, count: size))
        let reader = try SlowReader()
        defer { reader.end() }
        let transport = HTTPTransport(options: quick(stall: .seconds(8), slowest: 8 << 20))
        let address = try #require(WebAddress("http://127.0.0.1:\(reader.port)/upload"))
        let body = FileBody(path: file, size: size)
        let failure = await #expect(throws: TransientFailure.self) {
            try await transport.send(.init(method: .PUT, address: address, body: .file(body)))
        }
        // Something moves all the time, and far too little.
        #expect(failure?.error.message.contains("of an upload in") == true, "\(failure as Any)")
        try await transport.shutdown()
    }
}
