import AssayCore
import SystemPackage

/// Reads the items of the list that a YAML file's top-level key holds, one by one, in flat memory.
///
/// An item begins at a line with a dash at the list's own indentation, where no scalar can go on; the
/// list ends at the first line that is indented less.
struct YAMLItems: ~Copyable {
    private var input: ImportBuffer
    private let keys: [String]
    private var indent: Int?
    private var isOver = false
    /// Whether a key that every cassette has beside its list was seen.
    private var hasVersion = false

    /// An item is never longer.
    private static let maximumItem = 256 << 20

    init(_ path: FilePath, key: [String]) throws(AssayError) {
        input = try ImportBuffer(path)
        keys = key
    }

    /// The next item as a list of one, with its place in the file; `nil` at the end.
    mutating func next() throws(AssayError) -> (text: String, offset: Int)? {
        if indent == nil, !isOver { try enter() }
        guard !isOver, let indent else { return nil }
        let offset = input.offset
        var length = try line(from: 0) ?? 0
        while let end = try line(from: length) {
            let line = input.ahead[(input.start + length)..<(input.start + end)]
            let spaces = line.prefix { $0 == 0x20 }.count
            let first = line.dropFirst(spaces).first ?? 0x0A
            let isBlank = first == 0x0A || first == 0x0D || first == UInt8(ascii: "#")
            if !isBlank, spaces < indent || (spaces == indent && first != UInt8(ascii: "-")) {
                isOver = true
                break
            }
            if !isBlank, spaces == indent { break }
            length = end
            guard length <= Self.maximumItem else {
                isOver = true
                throw input.damaged("holds an item beyond \(ByteCount(Self.maximumItem))")
            }
        }
        let atEnd = input.count <= length
        if atEnd { isOver = true }
        let bytes = input.ahead.prefix(length)
        // A cut may leave what can still be read; a key beside the list tells that it is whole.
        guard !atEnd || (input.failure == nil && hasVersion && bytes.last == 0x0A) else {
            throw input.damaged("is cut short in the item that begins")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            input.advance(length)
            throw AssayError(
                .damaged, "\(input.name) holds an item that is no UTF-8 at byte \(offset)",
                hint: "keep the whole exchanges with `--salvage`")
        }
        input.advance(length)
        return (text, offset)
    }

    /// Goes to the first item.
    private mutating func enter() throws(AssayError) {
        var isInside = false
        while let end = try line(from: 0) {
            let line = input.ahead.prefix(end)
            let spaces = line.prefix { $0 == 0x20 }.count
            let rest = line.dropFirst(spaces)
            if isInside, rest.first == UInt8(ascii: "-") {
                indent = spaces
                return
            }
            let text = String(decoding: rest, as: UTF8.self)
            if spaces == 0, text.hasPrefix("version:") || text.hasPrefix("recorded_with:") {
                hasVersion = true
            }
            if spaces == 0, keys.contains(where: { text.hasPrefix("\($0):") }) {
                isInside = true
                if text.filter({ !$0.isWhitespace }).hasSuffix(":[]") { break }
            }
            input.advance(end)
        }
        isOver = true
        guard isInside, input.failure == nil else {
            throw input.damaged("has no list of interactions up to its end,")
        }
    }

    /// Where the line that begins `first` bytes ahead ends, behind its line feed; `nil` at the end.
    private mutating func line(from first: Int) throws(AssayError) -> Int? {
        while true {
            let rest = input.ahead.dropFirst(first)
            if let feed = rest.firstLineFeed { return feed + 1 - input.start }
            guard try input.grow() else { return rest.isEmpty ? nil : input.count }
        }
    }
}
