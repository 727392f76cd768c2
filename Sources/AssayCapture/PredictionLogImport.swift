import AssayCore
import SystemPackage

/// Reads the `PredictionLog` records that TensorFlow Serving's request logging writes to TFRecord
/// files; field numbers are those of its public proto files.
///
/// The calls were of gRPC; they are written as the same calls of its REST interface
/// (`POST /v1/models/NAME:predict` with the tensors by name).
enum PredictionLogImport {
    /// Hands the exchanges of a file to `sink`, and counts what is lost and why.
    static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, _ options: ImportOptions, into sink: inout Sink
    ) throws(AssayError) -> CaptureLosses {
        var losses = CaptureLosses()
        var records = try TFRecords(path)
        var last: Int64 = -1
        while true {
            do throws(AssayError) {
                guard let data = try records.next() else { break }
                try log(data[...], options, &last, &losses, &sink)
            } catch {
                try losses.pass(error, options)
                if error.code == .damaged, try !records.canGoOn() { return losses }
            }
        }
        return losses
    }

    private static let kinds = [
        2: "a classification", 3: "a regression", 4: "an inference of several heads",
        5: "a run of a session", 7: "a streamed prediction",
    ]

    private static func log<Sink: ExchangeSink & ~Copyable>(
        _ message: ArraySlice<UInt8>, _ options: ImportOptions, _ last: inout Int64,
        _ losses: inout CaptureLosses, _ sink: inout Sink
    ) throws(AssayError) {
        var fields = ProtobufReader(message)
        var predict: ArraySlice<UInt8>?
        var seconds: Int64?
        while let field = fields.next() {
            guard case .bytes(let bytes) = field.value else { continue }
            switch field.number {
            case 1: seconds = time(bytes)
            case 6: predict = bytes
            default:
                if let kind = kinds[field.number] {
                    throw AssayError(.unsupported, "a log of \(kind)")
                }
            }
        }
        guard !fields.isDamaged, let predict else {
            throw AssayError(.unsupported, "a record is no log of a prediction")
        }
        var halves = ProtobufReader(predict)
        var request: ArraySlice<UInt8>?
        var response: ArraySlice<UInt8>?
        while let field = halves.next() {
            guard case .bytes(let bytes) = field.value else { continue }
            if field.number == 1 { request = bytes }
            if field.number == 2 { response = bytes }
        }
        guard let request else { return losses.lose(\.truncated, "a response without a request") }
        guard response != nil || options.keepsUnanswered else {
            return losses.lose(\.truncated, "a request without a response")
        }
        try write(request, response, seconds, options, &last, &sink)
        losses.keep()
        losses.note("a call of gRPC was written as that of the REST interface")
        losses.note(
            seconds == nil
                ? "no times in the log: only the order is known"
                : "no latency and times in whole seconds: pacing cannot be rebuilt")
    }

    private static func write<Sink: ExchangeSink & ~Copyable>(
        _ request: ArraySlice<UInt8>, _ response: ArraySlice<UInt8>?, _ seconds: Int64?,
        _ options: ImportOptions, _ last: inout Int64, _ sink: inout Sink
    ) throws(AssayError) {
        let method = Array("POST".utf8)
        let (model, inputs) = try message(request, tensors: 2, model: 1)
        var body: [UInt8] = [UInt8(ascii: "{")]
        if !model.signature.isEmpty {
            body += "\"signature_name\":".utf8
            CanonicalJSON.appendString(model.signature, to: &body)
            body.append(UInt8(ascii: ","))
        }
        body += "\"inputs\":".utf8
        try append(inputs, isAlone: false, to: &body)
        body.append(UInt8(ascii: "}"))
        var writer = HTTPMessageWriter()
        writer.add("Content-Type", "application/json")
        writer.body = body
        let requestBytes = try writer.request(
            method: method, target: Array((options.target ?? model.target).utf8),
            host: Array("tensorflow-serving".utf8))
        var responseBytes: [UInt8] = []
        if let response {
            let (_, outputs) = try message(response, tensors: 1, model: 2)
            var writer = HTTPMessageWriter()
            writer.add("Content-Type", "application/json")
            writer.body = Array("{\"outputs\":".utf8)
            // The interface names the outputs only if there are several.
            try append(outputs, isAlone: outputs.count == 1, to: &writer.body)
            writer.body.append(UInt8(ascii: "}"))
            responseBytes = try writer.response(
                status: 200, reason: Array("OK".utf8), method: method)
        }
        let startedAt = max((seconds ?? 0) &* 1_000_000_000, last + 1)
        last = startedAt
        try sink.append(
            Exchange(
                request: requestBytes, response: responseBytes, startedAt: startedAt,
                firstByteAfter: 0, endedAfter: 0))
    }

    private static func append(
        _ tensors: [(name: String, value: ArraySlice<UInt8>)], isAlone: Bool,
        to bytes: inout [UInt8]
    ) throws(AssayError) {
        if isAlone, let only = tensors.first {
            return try TensorJSON.append(only.value, name: only.name, to: &bytes)
        }
        var mark = UInt8(ascii: "{")
        for (name, value) in tensors {
            bytes.append(mark)
            CanonicalJSON.appendString(name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            try TensorJSON.append(value, name: name, to: &bytes)
            mark = UInt8(ascii: ",")
        }
        if tensors.isEmpty { bytes.append(mark) }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The seconds since 1970 of a `LogMetadata`.
    private static func time(_ metadata: ArraySlice<UInt8>) -> Int64? {
        var fields = ProtobufReader(metadata)
        var seconds: Int64?
        while let field = fields.next() {
            if field.number == 4, case .varint(let value) = field.value, value < 1 << 33 {
                seconds = Int64(value)
            }
        }
        return seconds
    }

    /// What a `ModelSpec` says.
    private struct Model {
        var name = "model", version: UInt64?, label = "", signature = ""

        var target: String {
            if let version { return "/v1/models/\(name)/versions/\(version):predict" }
            return label.isEmpty
                ? "/v1/models/\(name):predict" : "/v1/models/\(name)/labels/\(label):predict"
        }
    }

    /// The model and the tensors, sorted by name, of a request or response.
    private static func message(
        _ bytes: ArraySlice<UInt8>, tensors: Int, model number: Int
    ) throws(AssayError) -> (Model, [(name: String, value: ArraySlice<UInt8>)]) {
        var fields = ProtobufReader(bytes)
        var spec = Model()
        var found: [(name: String, value: ArraySlice<UInt8>)] = []
        while let field = fields.next() {
            guard case .bytes(let bytes) = field.value else { continue }
            if field.number == number {
                spec = model(bytes)
            } else if field.number == tensors {
                var entry = ProtobufReader(bytes)
                var name = ""
                var value: ArraySlice<UInt8> = []
                while let field = entry.next() {
                    guard case .bytes(let bytes) = field.value else { continue }
                    if field.number == 1 { name = String(decoding: bytes, as: UTF8.self) }
                    if field.number == 2 { value = bytes }
                }
                found.append((name, value))
            }
        }
        guard !fields.isDamaged else {
            throw AssayError(.unsupported, "a record is no log of a prediction")
        }
        return (spec, found.sorted { $0.name < $1.name })
    }

    private static func model(_ bytes: ArraySlice<UInt8>) -> Model {
        var fields = ProtobufReader(bytes)
        var model = Model()
        while let field = fields.next() {
            guard case .bytes(let bytes) = field.value else { continue }
            switch field.number {
            case 1: model.name = String(decoding: bytes, as: UTF8.self)
            case 2:
                var inner = ProtobufReader(bytes)
                model.version = 0
                if let field = inner.next(), case .varint(let value) = field.value {
                    model.version = value
                }
            case 3: model.signature = String(decoding: bytes, as: UTF8.self)
            case 4: model.label = String(decoding: bytes, as: UTF8.self)
            default: break
            }
        }
        return model
    }
}
