import AssayConfiguration
import AssayCore

extension ConfigurationNode {
    /// An error about a word that is none of those known.
    func failure(unknown word: String, among known: [String]) -> AssayError {
        let meant = Suggestion.nearest(to: word, among: known)
        return failure(
            "`\(word)` is not known here",
            hint: meant.map { "did you mean `\($0)`?" }
                ?? "known are \(known.joined(separator: ", "))")
    }

    /// The path here, which stays inside the directory of the file.
    func path() throws(AssayError) -> String {
        let path = try text()
        if let fault = RelativePath.fault(in: path) {
            throw failure("the path `\(path)` \(fault)")
        }
        return path
    }

    /// The duration here, as `500ms`, `30s` or `2m`, in milliseconds.
    func milliseconds() throws(AssayError) -> Int {
        let text = try text()
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000]
        guard let unit = units[String(text.dropFirst(digits.count))], digits.count < 10,
            let number = Int(digits), number > 0
        else {
            throw failure("`\(text)` is not a duration, as 500ms, 30s or 2m")
        }
        return number * unit
    }

    /// Throws unless `name` can be the name of an environment variable.
    func checkVariable(_ name: String) throws(AssayError) {
        let isPlain = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte == UInt8(ascii: "_")
        }
        guard isPlain, let first = name.utf8.first, !(48...57).contains(first) else {
            throw failure("`\(name)` is not the name of an environment variable")
        }
    }
}
