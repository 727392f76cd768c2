/// What a body is taken for.
enum BodyForm {
    case json, opaque

    /// Takes a body for JSON if its content type says so or it starts as an object or array does.
    static func sniff(_ body: ArraySlice<UInt8>, contentType: String?) -> BodyForm {
        if let contentType, namesJSON(contentType) { return .json }
        let first = body.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[") ? .json : .opaque
    }

    /// Whether a media type is JSON's: `application/json`, `text/json` or one that ends in `+json`.
    private static func namesJSON(_ contentType: String) -> Bool {
        let type = contentType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        return type.hasSuffix("/json") || type.hasSuffix("+json")
    }

    /// The body without a byte order mark, which JSON has none of but some services send.
    static func withoutMark(_ body: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        body.starts(with: [0xEF, 0xBB, 0xBF]) ? body.dropFirst(3) : body
    }
}
