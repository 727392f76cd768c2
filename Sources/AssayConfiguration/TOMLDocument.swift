public import AssayCore
import TOMLKit

/// Reads TOML 1.0 documents that other tools write: locks, settings.
public enum TOMLDocument {
    /// The document as a value; dates and times are texts.
    ///
    /// `file` names it in errors. Throws `.invalidDocument` for what is not TOML in UTF-8, or holds
    /// a number that JSON has not (`inf`, `nan`).
    public static func parse(_ bytes: [UInt8], file: String) throws(AssayError) -> JSONValue {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw AssayError(.invalidDocument, "\(file) is not UTF-8 text")
        }
        let json: String
        do {
            json = try TOMLTable(string: text).convert(to: .json)
        } catch let error as TOMLParseError {
            let place = error.source.begin
            throw AssayError(
                .invalidDocument, "this is not TOML: \(error.description)",
                at: SourceLocation(file: file, line: place.line, column: place.column))
        } catch {
            throw AssayError(.invalidDocument, "\(file) is not TOML", cause: error)
        }
        return try JSONParser.parse(Array(json.utf8), file: file)
    }
}
