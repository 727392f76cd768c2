/// Reads the fields of a protocol buffer message, without a schema.
struct ProtobufReader {
    /// A field's value.
    enum Value {
        case varint(UInt64), fixed64(UInt64), fixed32(UInt32), bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>
    /// Whether bytes were found that are no field.
    private(set) var isDamaged = false

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// The next field; `nil` at the end, or at bytes that are none.
    mutating func next() -> (number: Int, value: Value)? {
        guard !rest.isEmpty, !isDamaged else { return nil }
        guard let tag = varint(), tag >> 3 > 0, tag >> 3 < 1 << 29, let value = value(tag & 7)
        else {
            isDamaged = true
            return nil
        }
        return (Int(tag >> 3), value)
    }

    /// The numbers of a packed field of varints; `nil` if they are none.
    static func varints(_ bytes: ArraySlice<UInt8>) -> [UInt64]? {
        var reader = ProtobufReader(bytes)
        var values: [UInt64] = []
        while !reader.rest.isEmpty {
            guard let value = reader.varint() else { return nil }
            values.append(value)
        }
        return values
    }

    private mutating func value(_ wire: UInt64) -> Value? {
        switch wire {
        case 0: return varint().map { .varint($0) }
        case 1: return fixed(8).map { .fixed64($0) }
        case 5: return fixed(4).map { .fixed32(UInt32(truncatingIfNeeded: $0)) }
        case 2:
            guard let length = varint(), length <= UInt64(rest.count) else { return nil }
            defer { rest = rest.dropFirst(Int(length)) }
            return .bytes(rest.prefix(Int(length)))
        default: return nil
        }
    }

    private mutating func fixed(_ count: Int) -> UInt64? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = rest.first, shift < 64 {
            rest = rest.dropFirst()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
