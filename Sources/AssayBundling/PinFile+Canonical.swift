import AssayCore

extension PinFile {
    /// Reads the form that `bytes` writes, line by line; `nil` for any other, which the strict
    /// reader then reads or names the fault of.
    ///
    /// Such a file may have a hundred thousand lines, which take a YAML reader seconds.
    static func parseCanonical(_ bytes: [UInt8]) -> PinFile? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .makeIterator()
        guard
            lines.next()?.elementsEqual("# Written by `assay track`; commit it with the code.".utf8)
                == true, lines.next()?.elementsEqual("schema: \(Self.schema)".utf8) == true,
            lines.next()?.elementsEqual("pins:".utf8) == true
        else { return nil }
        var pins: [String: Pin] = [:]
        while let line = lines.next() {
            if line.isEmpty {
                // Behind the last line break, and nowhere else.
                return lines.next() == nil ? PinFile(pins: pins) : nil
            }
            guard let (path, pin) = pin(line), pins.updateValue(pin, forKey: path) == nil else {
                return nil
            }
        }
        return nil
    }

    private static func pin(_ line: Substring.UTF8View) -> (String, Pin)? {
        var rest = line
        func take(_ text: String) -> Bool {
            guard rest.starts(with: text.utf8) else { return false }
            rest = rest.dropFirst(text.utf8.count)
            return true
        }
        func takeUntil(_ end: UInt8) -> Substring? {
            guard let place = rest.firstIndex(of: end) else { return nil }
            defer { rest = rest[place...] }
            return Substring(rest[..<place])
        }
        // Without a backslash the JSON string is the path itself.
        guard take("  - {path: \""), let path = takeUntil(UInt8(ascii: "\"")),
            !path.utf8.contains(UInt8(ascii: "\\")), take("\", kind: "),
            let kind = takeUntil(UInt8(ascii: ",")).flatMap({ Kind(rawValue: String($0)) }),
            take(", size: "), let size = takeUntil(UInt8(ascii: ",")).flatMap({ Int($0) }),
            size >= 0, take(", digest: \""),
            let digest = takeUntil(UInt8(ascii: "\"")).flatMap({ Digest($0) }), take("\"}"),
            rest.isEmpty
        else { return nil }
        let name = String(path)
        guard RelativePath.fault(in: name) == nil else { return nil }
        return (name, Pin(digest: digest, size: size, kind: kind))
    }
}
