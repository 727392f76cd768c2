public import AssayCore

/// Labels that were learned later: a CSV file of two columns, key and label, or JSON lines with
/// `key` or `id` and `label`. What names an exchange is its key or its id.
public enum LabelFile {
    /// Reads the labels by what names their exchanges.
    ///
    /// The first line of CSV names the columns. Throws `.invalidDocument` with the line for one that
    /// has not the two fields, or a key that stands twice with differing labels.
    public static func parse(_ bytes: [UInt8], file: String) throws(AssayError) -> [String: String]
    {
        var labels: [String: String] = [:]
        let isJSON = bytes.first { $0 > 0x20 } == UInt8(ascii: "{")
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.isEmpty {
            let location = SourceLocation(file: file, line: index + 1, column: 1)
            if !isJSON, index == 0 { continue }
            let (key, label) =
                isJSON
                ? try object(Array(line), file: file, at: location)
                : try fields(line, at: location)
            if let known = labels.updateValue(label, forKey: key), known != label {
                throw AssayError(.invalidDocument, "key \(key) has two labels", at: location)
            }
        }
        return labels
    }

    /// Two fields of CSV (RFC 4180), each perhaps in quotes.
    private static func fields(
        _ line: ArraySlice<UInt8>, at location: SourceLocation
    ) throws(AssayError) -> (String, String) {
        var fields: [[UInt8]] = [[]]
        var isQuoted = false
        var rest = line.last == 0x0D ? line.dropLast() : line
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") {
                if isQuoted, rest.first == byte {
                    fields[fields.count - 1].append(byte)
                    rest = rest.dropFirst()
                } else {
                    isQuoted.toggle()
                }
            } else if byte == UInt8(ascii: ","), !isQuoted {
                fields.append([])
            } else {
                fields[fields.count - 1].append(byte)
            }
        }
        guard fields.count == 2, !isQuoted else {
            throw AssayError(
                .invalidDocument, "a line has not two fields, key and label", at: location)
        }
        return (
            String(decoding: fields[0], as: UTF8.self), String(decoding: fields[1], as: UTF8.self)
        )
    }

    private static func object(
        _ line: [UInt8], file: String, at location: SourceLocation
    ) throws(AssayError) -> (String, String) {
        let value: JSONValue
        do throws(AssayError) {
            value = try JSONParser.parse(line, file: file)
        } catch {
            throw AssayError(
                .invalidDocument, "a line is no JSON object", at: location, cause: error)
        }
        guard case .object(let members) = value,
            let key = (members["key"] ?? members["id"]).flatMap(text),
            let label = members["label"].flatMap(text)
        else {
            throw AssayError(
                .invalidDocument, "a line has not `key` or `id`, and `label`", at: location)
        }
        return (key, label)
    }

    /// A string as it is, another value as its canonical JSON; nothing for null.
    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .null: nil
        default: String(decoding: CanonicalJSON.encode(value), as: UTF8.self)
        }
    }
}
