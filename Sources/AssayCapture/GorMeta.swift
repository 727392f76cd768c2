import AssayCore

/// The line that starts a record of GoReplay: kind, id, time, and mostly a duration.
struct GorMeta: Hashable {
    /// What the record holds.
    enum Kind: UInt8 {
        case request = 0x31, response = 0x32, replayedResponse = 0x33
    }

    /// The id that a request shares with its response: 24 hexadecimal digits, 40 in older files.
    struct ID: Hashable {
        let word0: UInt64, word1: UInt64, word2: UInt64
    }

    let kind: Kind
    let id: ID
    /// When it began, in nanoseconds since 1970, and how long it took, in nanoseconds.
    let time: Int64, duration: Int64
    /// The bytes of the line with its line feed.
    let length: Int

    /// No line is longer than this: kind, 40 digits, two numbers, spaces, a line feed.
    static let maximumLength = 96
    /// What stands between two records.
    static let separator = Array("\n🐵🙈🙉\n".utf8)

    /// Reads the line that starts at `start`; `nil` for anything else.
    init?(_ bytes: [UInt8], at start: Int) {
        let end = min(bytes.count, start + Self.maximumLength)
        guard start + 2 < end, let kind = Kind(rawValue: bytes[start]), bytes[start + 1] == 0x20
        else { return nil }
        var position = start + 2
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        let first = position
        while position < end, let nibble = bytes[position].hexDigit.map(UInt64.init) {
            switch (position - first) / 16 {
            case 0: words.0 = words.0 << 4 | nibble
            case 1: words.1 = words.1 << 4 | nibble
            default: words.2 = words.2 << 4 | nibble
            }
            position += 1
        }
        guard position - first == 24 || position - first == 40,
            let time = Self.number(bytes, &position, end), time >= 0
        else { return nil }
        var duration: Int64 = 0
        if position < end, bytes[position] == 0x20 {
            guard let value = Self.number(bytes, &position, end) else { return nil }
            duration = value
        }
        guard position < end, bytes[position] == 0x0A else { return nil }
        self.kind = kind
        self.id = ID(word0: words.0, word1: words.1, word2: words.2)
        self.time = time
        // Small enough to be added to a time without care.
        self.duration = min(max(duration, 0), 1 << 60)
        self.length = position + 1 - start
    }

    /// A number after a space.
    private static func number(_ bytes: [UInt8], _ position: inout Int, _ end: Int) -> Int64? {
        guard position < end, bytes[position] == 0x20 else { return nil }
        position += 1
        let isNegative = position < end && bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let first = position
        var value: Int64 = 0
        while position < end, (0x30...0x39).contains(bytes[position]) {
            guard position - first < 19, value <= Int64.max / 20 else { return nil }
            value = value * 10 + Int64(bytes[position] - 0x30)
            position += 1
        }
        guard position > first else { return nil }
        return isNegative ? -value : value
    }
}
