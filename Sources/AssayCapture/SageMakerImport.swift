import AssayCore
import SystemPackage

/// Reads the JSON lines that SageMaker's data capture writes.
///
/// They hold neither path nor status nor latency, and times in seconds: requests become
/// `POST /invocations`, which is what SageMaker asks of a container.
enum SageMakerImport {
    static let noPacing = "no latency and times in whole seconds: pacing cannot be rebuilt"

    /// Whether a file begins as such a file does.
    static func recognises(_ start: ArraySlice<UInt8>) -> Bool {
        let head = Array(start.prefix(4096))
        return head.first == UInt8(ascii: "{")
            && ByteSearch.finds("\"captureData\"", in: head)
    }

    /// Hands the exchanges of a file to `sink`, and counts what is lost and why.
    static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, _ options: ImportOptions, into sink: inout Sink
    ) throws(AssayError) -> CaptureLosses {
        try JSONPieces.each(in: path, options) { tape, losses throws(AssayError) in
            try record(tape, options, &losses, &sink)
        }
    }

    private static func record<Sink: ExchangeSink & ~Copyable>(
        _ tape: borrowing JSONTape, _ options: ImportOptions, _ losses: inout CaptureLosses,
        _ sink: inout Sink
    ) throws(AssayError) {
        let data = tape.member("captureData", of: tape.root)
        let metadata = tape.member("eventMetadata", of: tape.root)
        guard tape.isObject(data) else {
            throw AssayError(.unsupported, "a line is no event of data capture")
        }
        guard
            let startedAt = tape.text(tape.member("inferenceTime", of: metadata))
                .flatMap({ Timestamp.nanoseconds($0) })
        else { throw AssayError(.unsupported, "an event has no inferenceTime") }
        let input = tape.member("endpointInput", of: data)
        let output = tape.member("endpointOutput", of: data)
        guard tape.isObject(input) else {
            return losses.lose(\.truncated, "a response without a request")
        }
        guard tape.isObject(output) || options.keepsUnanswered else {
            return losses.lose(\.truncated, "a request without a response")
        }
        var request = try message(tape, input)
        if let attributes = tape.bytes(
            tape.elements(of: tape.member("customAttributes", of: metadata)).first)
        {
            request.add("X-Amzn-SageMaker-Custom-Attributes".utf8, attributes)
        }
        let inference = tape.text(tape.member("inferenceId", of: metadata))
        if let inference { request.add("X-Amzn-SageMaker-Inference-Id", inference) }
        let method = Array("POST".utf8)
        let target = options.target ?? "/invocations"
        let requestBytes = try request.request(
            method: method, target: Array(target.utf8), host: Array("sagemaker".utf8))
        var responseBytes: [UInt8] = []
        if tape.isObject(output) {
            var response = try message(tape, output)
            responseBytes = try response.response(
                status: 200, reason: Array("OK".utf8), method: method)
            losses.note("no status in the format: 200 was supposed")
        }
        var exchange = Exchange(
            request: requestBytes, response: responseBytes, startedAt: startedAt,
            firstByteAfter: 0, endedAfter: 0)
        exchange.key = inference ?? tape.text(tape.member("eventId", of: metadata))
        try sink.append(exchange)
        losses.keep()
        losses.note(noPacing)
        losses.note("no path in the format: \(target) was supposed")
    }

    private static func message(
        _ tape: borrowing JSONTape, _ node: Int?
    ) throws(AssayError) -> HTTPMessageWriter {
        var writer = HTTPMessageWriter()
        if let type = tape.bytes(tape.member("observedContentType", of: node)) {
            writer.add("Content-Type".utf8, type)
        }
        guard let data = tape.bytes(tape.member("data", of: node)) else {
            throw AssayError(.unsupported, "an event has no data")
        }
        switch tape.text(tape.member("encoding", of: node)) {
        case "BASE64":
            guard let bytes = Base64.decoded(data) else {
                throw AssayError(.unsupported, "a body is no base64")
            }
            writer.body = bytes
        case "CSV", "JSON", nil: writer.body = data
        case let encoding?:
            throw AssayError(.unsupported, "data is encoded as \(encoding)")
        }
        return writer
    }
}
