import AssayCore

/// What a body is taken for.
enum BodyForm: Hashable {
    /// One JSON document.
    case json
    /// JSON documents, one a line (NDJSON) or after a record separator (RFC 7464).
    case lines
    /// Server-sent events.
    case events
    /// Comma or tab separated values; with a header, rows are objects by its names.
    case table(separator: UInt8, hasHeader: Bool)
    /// An answer of the Open Inference Protocol (V2) whose tensors follow a JSON header of this many
    /// bytes.
    case tensors(header: Int)
    /// Text or bytes.
    case opaque

    /// Takes a body for what its headers say it is; for JSON also if it starts as an object or array
    /// does.
    static func sniff(_ body: ArraySlice<UInt8>, of answer: Answer) -> BodyForm {
        if let length = answer.header("inference-header-content-length") {
            return Int(length).map { .tensors(header: $0) } ?? .opaque
        }
        let contentType = answer.header("content-type") ?? ""
        if contentType == "application/json" { return .json }
        let type = contentType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        switch type {
        case "application/x-ndjson", "application/ndjson", "application/jsonl",
            "application/x-jsonlines", "application/jsonlines", "application/json-lines",
            "application/json-seq":
            return .lines
        case "text/event-stream": return .events
        case "text/csv", "application/csv", "text/tab-separated-values":
            let parameters = contentType.filter { $0 != " " }.lowercased().split(separator: ";")
            return .table(
                separator: UInt8(ascii: type.hasPrefix("text/tab") ? "\t" : ","),
                hasHeader: parameters.contains("header=present"))
        default: break
        }
        if type.hasSuffix("/json") || type.hasSuffix("+json") { return .json }
        let first = body.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[") ? .json : .opaque
    }

    /// The body as one JSON document, so that it has places; `nil` if it is not of this form.
    ///
    /// `parser` is used to read pieces and holds nothing of use afterwards.
    func document(_ body: ArraySlice<UInt8>, parser: borrowing JSONDocument) -> ArraySlice<UInt8>? {
        let body = Self.withoutMark(body)
        switch self {
        case .json, .opaque: return body
        case .lines: return JSONLines.document(body, parser: parser)
        case .events: return EventStream.document(body, parser: parser)
        case .table(let separator, let hasHeader):
            return DelimitedTable.document(body, separator: separator, hasHeader: hasHeader)
        case .tensors(let header):
            return TensorBody.document(body, header: header, parser: parser)
        }
    }

    /// What a body of this form is called.
    var name: String {
        switch self {
        case .json: "JSON"
        case .lines: "JSON lines"
        case .events: "a stream of events"
        case .table: "a table"
        case .tensors: "tensors behind a JSON header"
        case .opaque: "text"
        }
    }

    /// The body without a byte order mark, which JSON has none of but some services send.
    static func withoutMark(_ body: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        body.starts(with: [0xEF, 0xBB, 0xBF]) ? body.dropFirst(3) : body
    }
}
