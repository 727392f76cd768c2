import AssayCore

extension Base64 {
    /// Decodes padded text; throws `.invalidDocument` for anything else.
    static func decode(_ text: String) throws(AssayError) -> [UInt8] {
        // The text as its own bytes would be written leaves no second way to say the same.
        guard let bytes = decoded(Array(text.utf8)), encode(bytes) == text else {
            throw AssayError(.invalidDocument, "a body is not in base64, or is cut short")
        }
        return bytes
    }
}
