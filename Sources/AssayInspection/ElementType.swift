/// The type of a tensor's elements.
enum ElementType: String, Hashable, Sendable {
    case float64 = "F64", float32 = "F32", float16 = "F16", bfloat16 = "BF16"
    case float8e4m3 = "F8_E4M3", float8e5m2 = "F8_E5M2"
    case int64 = "I64", int32 = "I32", int16 = "I16", int8 = "I8"
    case uint64 = "U64", uint32 = "U32", uint16 = "U16", uint8 = "U8"
    case boolean = "BOOL"
    /// GGML's blocks of 32: a half-precision scale, then 32 whole numbers of 8 or of 4 bits.
    case q8Blocks = "Q8_0", q4Blocks = "Q4_0"

    /// How many bytes hold how many elements.
    var block: (bytes: Int, elements: Int) {
        switch self {
        case .float64, .int64, .uint64: (8, 1)
        case .float32, .int32, .uint32: (4, 1)
        case .float16, .bfloat16, .int16, .uint16: (2, 1)
        case .float8e4m3, .float8e5m2, .int8, .uint8, .boolean: (1, 1)
        case .q8Blocks: (34, 32)
        case .q4Blocks: (18, 32)
        }
    }

    /// Appends the values of whole blocks. All formats that are read here are little-endian.
    func decode(_ bytes: UnsafeRawBufferPointer, into values: inout [Double]) {
        func each<Raw: FixedWidthInteger>(_ type: Raw.Type, _ value: (Raw) -> Double) {
            let size = MemoryLayout<Raw>.size
            for index in 0..<(bytes.count / size) {
                let raw = unsafe bytes.loadUnaligned(fromByteOffset: index * size, as: type)
                values.append(value(Raw(littleEndian: raw)))
            }
        }
        switch self {
        case .float64: each(UInt64.self) { Double(bitPattern: $0) }
        case .float32: each(UInt32.self) { Double(Float(bitPattern: $0)) }
        case .float16: each(UInt16.self) { Double(Float16(bitPattern: $0)) }
        case .bfloat16: each(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
        case .float8e4m3: each(UInt8.self, Self.e4m3)
        // It is the upper half of a half-precision number.
        case .float8e5m2: each(UInt8.self) { Double(Float16(bitPattern: UInt16($0) << 8)) }
        case .int64: each(Int64.self) { Double($0) }
        case .int32: each(Int32.self) { Double($0) }
        case .int16: each(Int16.self) { Double($0) }
        case .int8: each(Int8.self) { Double($0) }
        case .uint64: each(UInt64.self) { Double($0) }
        case .uint32: each(UInt32.self) { Double($0) }
        case .uint16: each(UInt16.self) { Double($0) }
        case .uint8, .boolean: each(UInt8.self) { Double($0) }
        case .q8Blocks, .q4Blocks: unsafe decodeBlocks(bytes, into: &values)
        }
    }

    private func decodeBlocks(_ bytes: UnsafeRawBufferPointer, into values: inout [Double]) {
        let size = block.bytes
        for start in stride(from: 0, to: bytes.count - size + 1, by: size) {
            let raw = unsafe bytes.loadUnaligned(fromByteOffset: start, as: UInt16.self)
            let scale = Double(Float16(bitPattern: UInt16(littleEndian: raw)))
            let payload = start + 2
            if self == .q8Blocks {
                for index in 0..<32 {
                    values.append(
                        scale * Double(Int8(bitPattern: unsafe bytes[payload + index])))
                }
            } else {
                // The low halves of the 16 bytes come first, then the high ones.
                for index in 0..<16 {
                    values.append(scale * (Double(unsafe bytes[payload + index] & 15) - 8))
                }
                for index in 0..<16 {
                    values.append(scale * (Double(unsafe bytes[payload + index] >> 4) - 8))
                }
            }
        }
    }

    /// "FP8 Formats for Deep Learning" (2022): bias 7, no infinities, all ones is not a number.
    private static func e4m3(_ bits: UInt8) -> Double {
        let sign = bits & 0x80 == 0 ? 1.0 : -1.0
        let exponent = Int(bits >> 3 & 15)
        let fraction = Double(bits & 7) / 8
        if exponent == 15, bits & 7 == 7 { return .nan }
        if exponent == 0 { return sign * fraction / 64 }
        var scale = 1.0
        for _ in 0..<abs(exponent - 7) { scale *= exponent > 7 ? 2 : 0.5 }
        return sign * (1 + fraction) * scale
    }
}
