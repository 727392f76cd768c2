import AssayCoding
public import AssayCore

/// A body as a comparison sees it, to be shown: content encoding undone, and as one JSON document
/// with the places that differences name where it has places.
public struct ReadableBody: Hashable, Sendable {
    /// The bytes to show.
    public var bytes: ArraySlice<UInt8>
    /// What was done to the body as it was sent, or why that could not be done, as a sentence; `nil`
    /// where these are its bytes.
    public var note: String?

    /// Reads the body of an answer. Throws `.limit` without memory for a parser; a body that cannot
    /// be read as its headers say is given as it is, and the note says why. Costs a parse.
    public init(
        _ answer: Answer, limits: ComparisonLimits = ComparisonLimits()
    ) throws(AssayError) {
        bytes = answer.body
        var notes: [String] = []
        let encoding = answer.header("content-encoding")
        do throws(AssayError) {
            bytes = try ContentDecoder.decode(
                answer.body, encoding: encoding, limit: limits.decodedSize)
            if let encoding, encoding != "identity", !answer.body.isEmpty {
                notes.append(
                    "\(encoding) undone: \(answer.body.count) bytes were sent, of \(bytes.count)")
            }
        } catch {
            note = "the body is shown as it was sent: \(error.message)"
            return
        }
        let form = BodyForm.sniff(bytes, of: answer)
        switch form {
        case .json, .opaque: break
        case .lines, .events, .table, .tensors:
            let parser = try JSONDocument(limits: limits)
            if let document = form.document(bytes, parser: parser), parser.parse(document) == nil {
                notes.append("\(form.name), shown by the places that are compared")
                bytes = document
            } else {
                notes.append("the body is not \(form.name), as its type says")
            }
        }
        note = notes.isEmpty ? nil : notes.joined(separator: "; ")
    }
}
