import AssayCore

/// Looks at the characters of a document before the YAML parser does.
///
/// Refuses what would reach the parser's less careful paths: bytes that are not UTF-8, control
/// characters, and an anchor that is used, whose expansion can be exponential. An anchor that is not
/// used is left for `NodeReader` to refuse, since it may be text in quotes, as `"R &D"`.
enum CharacterScan {
    /// A name that is being read after `&` or `*`.
    private struct NameMark {
        let isAnchor: Bool
        let location: SourceLocation
        var name = ""
    }

    /// Gives the text of the bytes, or throws with the place of the first fault.
    static func check(_ bytes: ArraySlice<UInt8>, file: String) throws(AssayError) -> String {
        var line = 1
        var column = 1
        var before: Unicode.Scalar = "\n"
        var mark: NameMark?
        var anchors: [String: SourceLocation] = [:]
        var aliases: Set<String> = []
        func fail(_ message: String, hint: String? = nil) -> AssayError {
            AssayError(
                .invalidDocument, message, hint: hint,
                at: SourceLocation(file: file, line: line, column: column))
        }
        func end(_ mark: NameMark?) {
            guard let mark, !mark.name.isEmpty else { return }
            if !mark.isAnchor {
                aliases.insert(mark.name)
            } else if anchors[mark.name] == nil {
                anchors[mark.name] = mark.location
            }
        }
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        decoding: while true {
            switch decoder.decode(&iterator) {
            case .emptyInput: break decoding
            case .error: throw fail("the document is not valid UTF-8")
            case .scalarValue(let scalar):
                if isNamePart(scalar) {
                    mark?.name.unicodeScalars.append(scalar)
                } else {
                    end(mark)
                    mark = nil
                }
                guard isAllowed(scalar) else {
                    throw fail("the control character U+\(hex(scalar)) is not allowed")
                }
                if scalar == "&" || scalar == "*", startsToken(after: before) {
                    mark = NameMark(
                        isAnchor: scalar == "&",
                        location: SourceLocation(file: file, line: line, column: column))
                }
                before = scalar
                if scalar == "\n" {
                    line += 1
                    column = 1
                } else {
                    column += 1
                }
            }
        }
        end(mark)
        let used = anchors.filter { aliases.contains($0.key) }.values
        if let first = used.min(by: { ($0.line, $0.column) < ($1.line, $1.column) }) {
            throw AssayError(
                .invalidDocument, "anchors are not allowed",
                hint: "write the value out where it is needed", at: first)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The characters that libyaml's reader takes, less the byte order mark.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
            0x10000...0x10FFFF:
            true
        default: false
        }
    }

    /// Whether a token of YAML can begin after this character. Errs towards yes: text in quotes is
    /// not told apart.
    private static func startsToken(after scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", " ", "\t", "[", "{", "}", "]", ",", ":", "?", "-", "\u{85}", "\u{2028}",
            "\u{2029}":
            true
        default: false
        }
    }

    private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }

    private static func hex(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}
