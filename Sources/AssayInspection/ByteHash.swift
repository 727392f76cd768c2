/// A fast hash of bytes for counting; the same on every machine, and no defence against anybody.
enum ByteHash {
    /// Mixes eight bytes at a time with a multiplication of 64 by 64 bits, folded.
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            state = fold(state ^ UInt64(littleEndian: word), 0xD6E8_FEB8_6659_FD93)
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            rest = rest << 8 | UInt64(unsafe bytes[offset])
            offset += 1
        }
        return mix(fold(state ^ rest, 0xA076_1D64_78BD_642F))
    }

    /// Makes all bits of a word depend on all bits.
    static func mix(_ word: UInt64) -> UInt64 {
        var word = word
        word ^= word >> 32
        word = word &* 0xE703_7ED1_A0B4_28DB
        word ^= word >> 29
        return word
    }

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right | 1)
        return product.high ^ product.low
    }
}
