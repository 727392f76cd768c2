public import AssayCore

/// Labels that were learned later: a CSV file of two columns, the key and the label.
public enum LabelFile {
    /// Reads the labels by key.
    ///
    /// The first line names the columns. Throws `.invalidDocument` with the line for one that has not
    /// two fields, or a key that stands twice with differing labels.
    public static func parse(_ bytes: [UInt8], file: String) throws(AssayError) -> [String: String]
    {
        var labels: [String: String] = [:]
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            let text = String(decoding: line, as: UTF8.self)
            let fields = text.filter { $0 != "\r" }.split(
                separator: ",", omittingEmptySubsequences: false)
            let location = SourceLocation(file: file, line: index + 1, column: 1)
            guard fields.count == 2, !fields[0].contains("\"") else {
                throw AssayError(
                    .invalidDocument, "a line has not two plain fields, key and label", at: location
                )
            }
            if index == 0 { continue }
            if let known = labels.updateValue(String(fields[1]), forKey: String(fields[0])),
                known != fields[1]
            {
                throw AssayError(.invalidDocument, "key \(fields[0]) has two labels", at: location)
            }
        }
        return labels
    }
}
