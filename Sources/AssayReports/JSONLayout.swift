/// Lays JSON out to be read and compared line by line.
struct JSONLayout {
    private let bytes: [UInt8]
    private var index = 0

    private static let depthLimit = 128

    /// A line for each member and element, members sorted by name, numbers with the digits that they
    /// came with; `nil` if the bytes are not one JSON value. Costs one pass, and its lines' depths.
    static func lines(_ bytes: [UInt8]) -> [String]? {
        var layout = JSONLayout(bytes: bytes)
        guard let lines = layout.value(depth: 0) else { return nil }
        layout.skipSpace()
        return layout.index == bytes.count ? lines : nil
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func value(depth: Int) -> [String]? {
        skipSpace()
        guard depth < Self.depthLimit, index < bytes.count else { return nil }
        switch bytes[index] {
        case UInt8(ascii: "{"):
            return collection(depth: depth, open: "{", close: "}") { layout in
                guard let name = layout.string() else { return nil }
                layout.skipSpace()
                guard layout.take(UInt8(ascii: ":")), var lines = layout.value(depth: depth + 1)
                else { return nil }
                lines[0] = "\(name): \(lines[0])"
                return (name, lines)
            }
        case UInt8(ascii: "["):
            return collection(depth: depth, open: "[", close: "]") { layout in
                layout.value(depth: depth + 1).map { ("", $0) }
            }
        case UInt8(ascii: "\""): return string().map { [$0] }
        default: return scalar().map { [$0] }
        }
    }

    private mutating func collection(
        depth: Int, open: String, close: String,
        part: (inout JSONLayout) -> (name: String, lines: [String])?
    ) -> [String]? {
        index += 1
        skipSpace()
        let end = close.utf8.first ?? 0
        if take(end) { return [open + close] }
        var parts: [(name: String, lines: [String])] = []
        while true {
            skipSpace()
            guard let next = part(&self) else { return nil }
            parts.append(next)
            skipSpace()
            if take(end) { break }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
        if open == "{" {
            // By name, then as they came: a name may stand twice.
            parts = parts.enumerated().sorted {
                ($0.element.name, $0.offset) < ($1.element.name, $1.offset)
            }.map(\.element)
        }
        var lines = [open]
        for (place, part) in parts.enumerated() {
            lines += part.lines.map { "  \($0)" }
            if place + 1 < parts.count { lines[lines.count - 1] += "," }
        }
        return lines + [close]
    }

    /// A string with its quotes and escapes as they are.
    private mutating func string() -> String? {
        let start = index
        guard take(UInt8(ascii: "\"")) else { return nil }
        while index < bytes.count {
            let byte = bytes[index]
            index += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") {
                return String(decoding: bytes[start..<index], as: UTF8.self)
            }
        }
        return nil
    }

    /// A number or a word, ended by what cannot be in one.
    private mutating func scalar() -> String? {
        let start = index
        while index < bytes.count, bytes[index] > 0x20,
            ![UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}")].contains(bytes[index])
        {
            index += 1
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        let isNumber = text.utf8.first.map {
            $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        return isNumber == true || ["true", "false", "null", "NaN", "Infinity"].contains(text)
            ? text : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }
}
