/// Protocols that a dependency may be called in and that a stub does not speak.
enum ForeignProtocol: String, Hashable, Sendable, CaseIterable {
    case redis = "Redis", http2 = "HTTP/2 or gRPC", postgres = "PostgreSQL", tls = "TLS"

    /// The protocol that the first bytes of a connection show; `nil` for none of these.
    init?(_ bytes: some Collection<UInt8>) {
        let start = Array(bytes.prefix(24))
        if start.starts(with: "PRI * HTTP/2.0\r\n".utf8) {
            self = .http2
        } else if start.count > 3, start[0] == UInt8(ascii: "*"),
            (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(start[1]), start.contains(0x0D)
        {
            self = .redis
        } else if start.count >= 8, start[0] == 0, start[1] == 0,
            [[0, 3, 0, 0], [0x04, 0xD2, 0x16, 0x2F], [0x04, 0xD2, 0x16, 0x30]].contains(
                start[4..<8].map { Int($0) })
        {
            self = .postgres
        } else if start.count > 2, start[0] == 0x16, start[1] == 0x03 {
            self = .tls
        } else {
            return nil
        }
    }
}
