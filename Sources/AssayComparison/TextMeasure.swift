import AssayEvidence

extension ComparisonRules.Measure {
    /// Whether two texts that are not the same pass: under `time`, `shape` and `text`.
    func tolerates(
        _ old: UnsafeBufferPointer<UInt8>, _ new: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        switch self {
        case .time(let limit):
            guard let first = unsafe Timestamp(old), let second = unsafe Timestamp(new) else {
                return false
            }
            return first.distance(to: second).map { $0 <= UInt64(clamping: limit) } == true
        case .shape(let shape):
            if shape == .hex, old.count != new.count { return false }
            if shape == .time {
                guard let first = unsafe Timestamp(old) else { return false }
                return unsafe Timestamp(new)?.form == first.form
            }
            return unsafe shape.fits(old) && shape.fits(new)
        case .text(let aspects):
            guard let first = unsafe Self.reduced(old, aspects),
                let second = unsafe Self.reduced(new, aspects)
            else { return false }
            return first == second
        default: return false
        }
    }

    /// A text without what does not count; `nil` for bytes that are not UTF-8.
    ///
    /// Case goes by Unicode's full lower-case mapping of each scalar, which may give several, without
    /// regard to its neighbours or a language (The Unicode Standard, section 3.13). It is no case
    /// folding: ß is not ss, and σ is not ς. White space is what has the property White_Space. What is
    /// left is compared by canonical equivalence (Unicode Standard Annex 15), as `String` does, also
    /// where only one of the two does not count.
    private static func reduced(
        _ bytes: UnsafeBufferPointer<UInt8>, _ aspects: [ComparisonRules.TextAspect]
    ) -> String? {
        guard var text = unsafe String(validating: bytes, as: UTF8.self) else { return nil }
        if aspects.contains(.case) { text = text.lowercased() }
        guard aspects.contains(.space) else { return text }
        // By scalars: what follows white space may make one letter with it, as U+0301 does.
        var words = String.UnicodeScalarView()
        for word in text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace) {
            if !words.isEmpty { words.append(" ") }
            words.append(contentsOf: word)
        }
        return String(words)
    }
}

extension ComparisonRules.Shape {
    /// Whether a text has this shape.
    func fits(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch self {
        case .uuid:
            guard text.count == 36 else { return false }
            return text.indices.allSatisfy { index in
                let byte = unsafe text[index]
                return [8, 13, 18, 23].contains(index)
                    ? byte == UInt8(ascii: "-") : Self.isHex(byte)
            }
        case .time: return unsafe Timestamp(text) != nil
        case .hex: return unsafe !text.isEmpty && text.allSatisfy(Self.isHex)
        case .digits:
            return unsafe !text.isEmpty && text.allSatisfy { (0x30...0x39).contains($0) }
        }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}
