import AssayCore

/// What a registry says about a failure, after the error format of the distribution specification.
struct RegistryFault: Hashable, Sendable {
    /// The codes it gave, such as `MANIFEST_BLOB_UNKNOWN`.
    let codes: Set<String>
    /// Its words, shortened and without control characters.
    let message: String
    /// The digests that the details name.
    let digests: [Digest]

    /// Reads the body of an answer; anything that is not that format gives no codes and no words.
    init(parsing bytes: [UInt8]) {
        guard let value = try? JSONParser.parse(bytes, file: "error"),
            let elements = try? JSONReader(value, document: "error")["errors"].elements()
        else {
            codes = []
            message = ""
            digests = []
            return
        }
        var codes: Set<String> = []
        var words: [String] = []
        var digests: [Digest] = []
        for element in elements {
            // A member that is not there, or is no text, says nothing; the status does.
            let code = (try? element["code"].string()) ?? ""
            let text = (try? element["message"].string()) ?? ""
            if !code.isEmpty { codes.insert(code) }
            words.append(text.isEmpty ? code : "\(code): \(text)")
            Self.collect(element["detail"].value, into: &digests)
            Self.collect(.string(text), into: &digests)
        }
        self.codes = codes
        self.digests = digests
        message = String(
            words.joined(separator: "; ").filter { !$0.isNewline && $0 >= " " }.prefix(300))
    }

    /// Digests stand in details as text, alone or inside a sentence, or as members.
    private static func collect(_ value: JSONValue?, into digests: inout [Digest]) {
        switch value {
        case .string(let text):
            for word in text.split(whereSeparator: { !$0.isHexDigit && !"sha256:".contains($0) }) {
                if let digest = Digest(word), !digests.contains(digest) { digests.append(digest) }
            }
        case .array(let elements): for element in elements { collect(element, into: &digests) }
        case .object(let members):
            for key in members.keys.sorted() { collect(members[key], into: &digests) }
        default: break
        }
    }
}
