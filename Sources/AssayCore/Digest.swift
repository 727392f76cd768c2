import Crypto

/// A SHA-256 digest: the name of every blob.
public struct Digest: Hashable, Sendable {
    private let word0, word1, word2, word3: UInt64

    /// The number of bytes in a digest.
    public static let byteCount = 32

    /// Makes a digest from 32 raw bytes; `nil` for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var index = 0
        for byte in bytes {
            let value = UInt64(byte)
            switch index / 8 {
            case 0: words.0 = words.0 << 8 | value
            case 1: words.1 = words.1 << 8 | value
            case 2: words.2 = words.2 << 8 | value
            default: words.3 = words.3 << 8 | value
            }
            index += 1
        }
        (word0, word1, word2, word3) = words
    }

    /// Makes a digest from 32 raw bytes in memory; `nil` for any other count.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        func word(_ index: Int) -> UInt64 {
            unsafe UInt64(
                bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
        }
        (word0, word1, word2, word3) = (word(0), word(1), word(2), word(3))
    }

    /// Adds the 32 raw bytes to an array.
    public func append(to bytes: inout [UInt8]) {
        for word in [word0, word1, word2, word3] {
            unsafe withUnsafeBytes(of: word.bigEndian) { unsafe bytes.append(contentsOf: $0) }
        }
    }

    /// Makes a digest from 64 lower-case hexadecimal digits, as in a blob's file name.
    public init?(hex: some StringProtocol) {
        let value = hex.utf8.withContiguousStorageIfAvailable {
            unsafe Digest(hex: UnsafeRawBufferPointer($0))
        }
        if let value {
            guard let value else { return nil }
            self = value
            return
        }
        guard let copied = unsafe Array(hex.utf8).withUnsafeBytes({ unsafe Digest(hex: $0) }) else {
            return nil
        }
        self = copied
    }

    /// Makes a digest from 64 lower-case hexadecimal digits in memory.
    public init?(hex: UnsafeRawBufferPointer) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var count = 0
        for character in hex {
            guard let nibble = Self.nibble(character).map(UInt64.init) else { return nil }
            switch count >> 4 {
            case 0: words.0 = words.0 << 4 | nibble
            case 1: words.1 = words.1 << 4 | nibble
            case 2: words.2 = words.2 << 4 | nibble
            case 3: words.3 = words.3 << 4 | nibble
            default: return nil
            }
            count += 1
        }
        guard count == 2 * Self.byteCount else { return nil }
        (word0, word1, word2, word3) = words
    }

    /// Makes a digest from its OCI form, `sha256:<64 hex>`.
    public init?(_ text: some StringProtocol) {
        guard text.hasPrefix("sha256:") else { return nil }
        self.init(hex: text.dropFirst(7))
    }

    /// A part of a digest is as good a hash as any.
    public func hash(into hasher: inout Hasher) { hasher.combine(word0) }

    /// Hashes bytes that are in memory.
    public init(of bytes: some Sequence<UInt8>) {
        var hasher = SHA256Hasher()
        hasher.update(Array(bytes))
        self = hasher.finish()
    }

    /// The 32 raw bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        append(to: &bytes)
        return bytes
    }

    /// 64 lower-case hexadecimal digits.
    public var hex: String {
        unsafe String(unsafeUninitializedCapacity: 2 * Self.byteCount) { text in
            for digit in 0..<2 * Self.byteCount {
                let word =
                    switch digit >> 4 {
                    case 0: word0
                    case 1: word1
                    case 2: word2
                    default: word3
                    }
                let nibble = UInt8(truncatingIfNeeded: word >> (60 - 4 * UInt64(digit & 15))) & 15
                unsafe text[digit] = nibble < 10 ? 48 + nibble : 87 + nibble
            }
            return 2 * Self.byteCount
        }
    }

    /// The first 16 lower-case hexadecimal digits; costs a small part of `hex`.
    public var hexPrefix: String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            for index in 0..<16 {
                let nibble = UInt8(truncatingIfNeeded: word0 >> (60 - 4 * UInt64(index)) & 15)
                unsafe buffer[index] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble
            }
            return 16
        }
    }

    /// The first 12 hexadecimal digits, as shown to people.
    public var short: String { String(hex.prefix(12)) }

    private static func nibble(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension Digest: CustomStringConvertible {
    /// The OCI form, `sha256:<64 hex>`.
    public var description: String { "sha256:\(hex)" }
}

extension Digest: Comparable {
    public static func < (left: Digest, right: Digest) -> Bool {
        (left.word0, left.word1, left.word2, left.word3)
            < (right.word0, right.word1, right.word2, right.word3)
    }
}

/// Hashes a stream piece by piece.
public struct SHA256Hasher: Sendable {
    private var state = SHA256()

    /// Starts an empty hash.
    public init() {}

    /// Adds bytes.
    public mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe state.update(bufferPointer: $0) }
    }

    /// Adds bytes that the caller holds in memory of its own.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        unsafe state.update(bufferPointer: bytes)
    }

    /// Gives the digest of all that was added.
    public consuming func finish() -> Digest {
        guard let value = unsafe state.finalize().withUnsafeBytes({ unsafe Digest($0) }) else {
            preconditionFailure("SHA-256 gives 32 bytes")
        }
        return value
    }
}
