/// What the cuts need of the header of a GGUF file, versions 2 and 3, little-endian: where its
/// tensors begin.
///
/// Format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
struct GGUFHeader {
    /// Headers above this are not looked at; vocabularies take a few MiB.
    static let limit = 64 << 20

    /// What came of reading the first bytes of a file.
    enum Outcome: Hashable {
        case layout(TensorLayout)
        /// The header goes on behind these bytes.
        case needsMore
        /// Not such a file, or one that does not follow the format.
        case malformed
    }

    /// Whether a file begins as such a file does.
    static func matches(_ start: [UInt8]) -> Bool { start.starts(with: "GGUF".utf8) }

    /// Reads a header from the first bytes of a file of `fileSize` bytes.
    ///
    /// Costs one pass over the bytes, whatever they say of counts and lengths.
    static func read(_ bytes: [UInt8], fileSize: Int) -> Outcome {
        var header = GGUFHeader(bytes: bytes)
        do throws(Stop) {
            return .layout(try header.layout(fileSize: fileSize))
        } catch {
            return error == .end && bytes.count < fileSize ? .needsMore : .malformed
        }
    }

    private enum Stop: Error { case end, malformed }

    private let bytes: [UInt8]
    private var position = 0

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func layout(fileSize: Int) throws(Stop) -> TensorLayout {
        guard Self.matches(bytes) else { throw .malformed }
        try skip(4)
        let version = try number(4)
        guard version == 2 || version == 3 else { throw .malformed }
        let tensors = try number(8), values = try number(8)
        var alignment = 32
        for _ in 0..<values {
            let key = try string()
            let type = try number(4)
            if type == 4, key.elementsEqual("general.alignment".utf8) {
                alignment = Int(try number(4))
                guard alignment.nonzeroBitCount == 1, alignment <= 1 << 20 else {
                    throw .malformed
                }
            } else {
                try skipValue(type: type, depth: 0)
            }
        }
        var offsets: [UInt64] = []
        for _ in 0..<tensors {
            _ = try string()
            let dimensions = try number(4)
            guard dimensions <= 8 else { throw .malformed }
            try skip(dimensions * 8 + 4)
            let offset = try number(8)
            guard offset <= UInt64(fileSize), offset % UInt64(alignment) == 0 else {
                throw .malformed
            }
            offsets.append(offset)
        }
        let start = (position + alignment - 1) / alignment * alignment
        guard
            let layout = TensorLayout(
                headerSize: start, starts: offsets.map { start + Int($0) }, fileSize: fileSize)
        else { throw .malformed }
        return layout
    }

    private mutating func skip(_ count: UInt64) throws(Stop) {
        guard count <= UInt64(bytes.count - position) else { throw .end }
        position += Int(count)
    }

    private mutating func number(_ count: Int) throws(Stop) -> UInt64 {
        let start = position
        try skip(UInt64(count))
        return bytes[start..<position].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func string() throws(Stop) -> ArraySlice<UInt8> {
        let count = try number(8)
        let start = position
        try skip(count)
        return bytes[start..<position]
    }

    private static let sizes: [UInt64: UInt64] = [
        0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8,
    ]

    private mutating func skipValue(type: UInt64, depth: Int) throws(Stop) {
        if let size = Self.sizes[type] { return try skip(size) }
        if type == 8 {
            _ = try string()
            return
        }
        guard type == 9, depth < 4 else { throw .malformed }
        let element = try number(4), count = try number(8)
        if let size = Self.sizes[element] {
            let (total, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else { throw .malformed }
            return try skip(total)
        }
        // Each element takes eight bytes at least, so that the bytes bound the count.
        for _ in 0..<count { try skipValue(type: element, depth: depth + 1) }
    }
}
