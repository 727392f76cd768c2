import AssayCore

/// A secret in all writings that texts, JSON, URLs and HTML have for its bytes, each on its own: as it is,
/// `%2b`, `\u002b`, a backslash before it, `+` for a space, `&#43;`, `&#x2b;` and `&plus;`.
struct SecretPattern: Sendable {
    private let bytes: [UInt8]

    /// Makes a pattern of printable ASCII, at least one byte.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Bytes that a writing may begin with.
    var starts: [UInt8] {
        Array("%\\&".utf8) + bytes.prefix(1) + (bytes.first == 0x20 ? [UInt8(ascii: "+")] : [])
    }

    /// Where a writing that begins at `start` ends; `nil` if there is none. Of several the longest.
    func end(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var end = start
        // Where shorter writings of the bytes so far end: a backslash may be one or half of one.
        var others: [Int] = []
        for byte in bytes {
            let plain = unsafe Self.plain(byte, text, end)
            let escaped = unsafe Self.escaped(byte, text, end)
            if others.isEmpty {
                guard let next = escaped ?? plain else { return nil }
                if escaped != nil, let plain { others = [plain] }
                end = next
                continue
            }
            var next: Set<Int> = []
            for place in others {
                if let place = unsafe Self.plain(byte, text, place) { next.insert(place) }
                if let place = unsafe Self.escaped(byte, text, place) { next.insert(place) }
            }
            if let plain { next.insert(plain) }
            if let escaped { next.insert(escaped) }
            guard let last = next.max() else { return nil }
            next.remove(last)
            end = last
            others = Array(next)
        }
        return end
    }

    private static func plain(
        _ byte: UInt8, _ text: UnsafeBufferPointer<UInt8>, _ place: Int
    ) -> Int? {
        guard place < text.count else { return nil }
        let found = unsafe text[place]
        return found == byte || byte == 0x20 && found == UInt8(ascii: "+") ? place + 1 : nil
    }

    private static func escaped(
        _ byte: UInt8, _ text: UnsafeBufferPointer<UInt8>, _ place: Int
    ) -> Int? {
        guard place + 1 < text.count else { return nil }
        switch unsafe text[place] {
        case UInt8(ascii: "%"):
            return unsafe hex(text, place + 1, 2) == Int(byte) ? place + 3 : nil
        case UInt8(ascii: "\\"):
            if unsafe text[place + 1] == UInt8(ascii: "u") {
                return unsafe hex(text, place + 2, 4) == Int(byte) ? place + 6 : nil
            }
            // A backslash before a letter or digit is another character.
            return unsafe text[place + 1] == byte && !isWord(byte) ? place + 2 : nil
        case UInt8(ascii: "&"): return unsafe reference(to: byte, text, place + 1)
        default: return nil
        }
    }

    /// The value of so many hexadecimal digits; `nil` if they are none.
    private static func hex(
        _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int
    ) -> Int? {
        guard start + count <= text.count else { return nil }
        var value = 0
        for place in start..<start + count {
            guard let digit = unsafe text[place].hexDigit else { return nil }
            value = value << 4 | digit
        }
        return value
    }

    /// Where a character reference of HTML to a byte ends that is written behind its `&`.
    private static func reference(
        to byte: UInt8, _ text: UnsafeBufferPointer<UInt8>, _ start: Int
    ) -> Int? {
        let semicolon = UInt8(ascii: ";")
        guard unsafe text[start] == UInt8(ascii: "#") else {
            for name in names[byte] ?? [] {
                let end = start + name.count
                if end <= text.count, unsafe text[start..<end].elementsEqual(name) { return end }
            }
            return nil
        }
        var place = start + 1
        guard place < text.count else { return nil }
        let isHex = unsafe text[place] | 0x20 == UInt8(ascii: "x")
        if isHex { place += 1 }
        var value = 0
        // Zeros may lead.
        let first = place
        while place < text.count, place - first < 8 {
            guard let digit = unsafe text[place].hexDigit, isHex || digit < 10 else { break }
            value = value * (isHex ? 16 : 10) + digit
            place += 1
        }
        guard place > first, place < text.count, unsafe text[place] == semicolon,
            value == Int(byte)
        else { return nil }
        return place + 1
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    /// The named character references of HTML for printable ASCII, each with its semicolon (HTML
    /// Standard, section 13.5).
    private static let names: [UInt8: [[UInt8]]] = {
        let table: KeyValuePairs<Character, String> = [
            "!": "excl", "\"": "quot QUOT", "#": "num", "$": "dollar", "%": "percnt",
            "&": "amp AMP", "'": "apos", "(": "lpar", ")": "rpar", "*": "ast midast", "+": "plus",
            ",": "comma", ".": "period", "/": "sol", ":": "colon", ";": "semi", "<": "lt LT",
            "=": "equals", ">": "gt GT", "?": "quest", "@": "commat", "[": "lsqb lbrack",
            "\\": "bsol", "]": "rsqb rbrack", "^": "Hat", "_": "lowbar UnderBar",
            "`": "grave DiacriticalGrave", "{": "lcub lbrace", "|": "verbar vert VerticalLine",
            "}": "rcub rbrace",
        ]
        var names: [UInt8: [[UInt8]]] = [:]
        for (character, words) in table {
            guard let byte = character.asciiValue else { continue }
            names[byte] = words.split(separator: " ").map { Array("\($0);".utf8) }
        }
        return names
    }()
}
