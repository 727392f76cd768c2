import AssayCore
import AssaySystem
import Glibc
import SystemPackage

@testable import AssayCapture

extension FuzzTarget {
    /// Every importer, and what looks into messages.
    static let capture =
        CaptureFormat.allCases.map { format in
            FuzzTarget(name: "import-\(format.rawValue)") { (bytes) throws(AssayError) in
                try FileSystem.write(bytes, to: input)
                // Salvaging comes first, since what it keeps a strict import need not reach.
                for salvage in [true, false] {
                    var sink = CheckingSink()
                    let losses = try CaptureImport.read(
                        input, format: format, into: &sink,
                        options: ImportOptions(salvage: salvage, keepsUnanswered: salvage))
                    precondition(losses.isBalanced && losses.whole == sink.count)
                }
            }
        } + [
            FuzzTarget(name: "http") { (bytes) throws(AssayError) in
                let message = try HTTPMessage(bytes, role: .request)
                precondition(message.bytes == bytes && message.body.count <= bytes.count)
            },
            FuzzTarget(name: "redact") { (bytes) throws(AssayError) in
                var exchange = Exchange(
                    request: bytes, response: [], startedAt: 0, firstByteAfter: 0, endedAfter: 0)
                _ = try redactor.apply(to: &exchange)
                // What was changed can be read, and is changed no further.
                let once = reading { () throws(AssayError) in
                    try HTTPMessage(exchange.request, role: .request)
                }
                var again = exchange
                _ = reading { () throws(AssayError) in try redactor.apply(to: &again) }
                precondition(once.bytes == again.request)
            },
        ]

    private static let redactor = Redactor(
        RedactionRules([.init(.pointer(["*", "a"]), .mask), .init(.pointer(["b"]), .drop)]),
        key: [UInt8](repeating: 7, count: 32))

    /// A file in memory that each input is put into.
    private static let input = FilePath("/dev/shm/assay-fuzz-\(getpid())")
}

/// Takes exchanges and holds each against its id.
private struct CheckingSink: ~Copyable, ExchangeSink {
    var count = 0

    mutating func append(_ exchange: Exchange) throws(AssayError) {
        count += 1
        precondition(exchange.firstByteAfter >= 0 && !exchange.request.isEmpty)
    }
}

extension FileSystem {
    /// Puts bytes into a file as it is, without a sync.
    fileprivate static func write(_ bytes: [UInt8], to path: FilePath) throws(AssayError) {
        let file = try OpenFile.open(path, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        try file.write(bytes)
    }
}
