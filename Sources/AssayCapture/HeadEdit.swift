/// Changes the head of an HTTP message line by line; what is not changed stays as it was. Interim
/// responses before the last head are part of it.
struct HeadEdit {
    /// What becomes of a field.
    enum Change {
        case keep, drop, replace([UInt8])
    }

    /// The lines with their line breaks.
    private var lines: [ArraySlice<UInt8>] = []
    private(set) var isChanged = false

    init(_ head: ArraySlice<UInt8>) {
        var rest = head
        while let feed = rest.firstLineFeed {
            lines.append(rest[...feed])
            rest = rest[(feed + 1)...]
        }
        if !rest.isEmpty { lines.append(rest) }
    }

    var bytes: [UInt8] { Array(lines.joined()) }

    /// Asks about every field by its name and value.
    mutating func editFields(_ change: (ArraySlice<UInt8>, ArraySlice<UInt8>) -> Change) {
        var kept: [ArraySlice<UInt8>] = []
        kept.reserveCapacity(lines.count)
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
                line[..<colon].allSatisfy(HTTPHead.isToken)
            else {
                kept.append(line)
                continue
            }
            var value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            while let last = value.last, last <= 0x20 { value.removeLast() }
            switch change(line[..<colon], value) {
            case .keep: kept.append(line)
            case .drop: isChanged = true
            case .replace(let value):
                isChanged = true
                kept.append((line[...colon] + [0x20] + value + [0x0D, 0x0A])[...])
            }
        }
        lines = kept
    }

    /// The target of a request.
    var target: ArraySlice<UInt8>? {
        let words = startLine?.split(separator: 0x20, omittingEmptySubsequences: false)
        return words?.count == 3 ? words?[1] : nil
    }

    private var startLine: ArraySlice<UInt8>? { lines.first { $0.count > 2 } }

    mutating func setTarget(_ target: [UInt8]) {
        guard let index = lines.firstIndex(where: { $0.count > 2 }) else { return }
        let words = lines[index].split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 3 else { return }
        lines[index] = (Array(words[0]) + [0x20] + target + [0x20] + words[2])[...]
        isChanged = true
    }

    /// Gives every field of a name this value, and adds one if there is none.
    mutating func setField(_ name: String, to value: [UInt8]) {
        var isThere = false
        editFields { own, _ in
            guard HTTPHead.isEqual(own, name.utf8) else { return .keep }
            isThere = true
            return .replace(value)
        }
        // The empty line is the last.
        guard !isThere, !lines.isEmpty else { return }
        lines.insert((Array("\(name): ".utf8) + value + [0x0D, 0x0A])[...], at: lines.count - 1)
        isChanged = true
    }

    /// Makes the head one of a body of `count` bytes, without transfer encoding, and without content
    /// encoding unless that stays.
    mutating func setLength(_ count: Int, keepsContentEncoding: Bool = false) {
        var hasLength = false
        editFields { name, _ in
            if HTTPHead.isEqual(name, "content-length".utf8) {
                defer { hasLength = true }
                return hasLength ? .drop : .replace(Array("\(count)".utf8))
            }
            let isCoding =
                HTTPHead.isEqual(name, "transfer-encoding".utf8)
                || !keepsContentEncoding && HTTPHead.isEqual(name, "content-encoding".utf8)
                || HTTPHead.isEqual(name, "trailer".utf8)
            return isCoding ? .drop : .keep
        }
        guard !hasLength, let last = lines.last else { return }
        lines[lines.count - 1] = Array("Content-Length: \(count)\r\n".utf8)[...]
        lines.append(last)
        isChanged = true
    }
}
