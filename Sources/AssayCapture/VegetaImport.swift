import AssayCore
import SystemPackage

/// Reads the targets of vegeta in JSON: requests alone, without times.
enum VegetaImport {
    /// Whether a file begins as such a file does.
    static func recognises(_ start: ArraySlice<UInt8>) -> Bool {
        let head = Array(start.prefix(4096))
        return head.first == UInt8(ascii: "{")
            && ByteSearch.finds("\"method\"", in: head)
            && ByteSearch.finds("\"url\"", in: head)
    }

    /// Hands the requests of a file to `sink`; without `keepsUnanswered` all of them are lost.
    static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, _ options: ImportOptions, into sink: inout Sink
    ) throws(AssayError) -> CaptureLosses {
        var number: Int64 = 0
        return try JSONPieces.each(in: path, options) { tape, losses throws(AssayError) in
            guard options.keepsUnanswered else {
                return losses.lose(\.truncated, "a request without a response")
            }
            try sink.append(
                Exchange(
                    request: try request(tape), response: [], startedAt: number,
                    firstByteAfter: 0, endedAfter: 0))
            number += 1
            losses.keep()
            losses.note("no times in the format: only the order is known")
        }
    }

    private static func request(_ tape: borrowing JSONTape) throws(AssayError) -> [UInt8] {
        guard let url = tape.bytes(tape.member("url", of: tape.root)).flatMap({ RequestURL($0) })
        else { throw AssayError(.unsupported, "a request's URL is not one of HTTP") }
        var writer = HTTPMessageWriter()
        for (name, values) in tape.members(of: tape.member("header", of: tape.root)) {
            for value in tape.elements(of: values) {
                writer.add(name.utf8, tape.bytes(value) ?? [])
            }
        }
        if let text = tape.bytes(tape.member("body", of: tape.root)) {
            guard let body = Base64.decoded(text) else {
                throw AssayError(.unsupported, "a body is no base64")
            }
            writer.body = body
        }
        return try writer.request(
            method: tape.bytes(tape.member("method", of: tape.root)) ?? [], target: url.target,
            host: url.host)
    }
}
