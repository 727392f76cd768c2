import Crypto

/// MD5, for the tools that name content by it. It proves nothing against an attacker; what Assay
/// itself names is named by SHA-256.
public struct MD5Hasher: Sendable {
    private var state = Insecure.MD5()

    /// Starts a hash.
    public init() {}

    /// Takes in more bytes.
    public mutating func update(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe state.update(bufferPointer: $0) }
    }

    /// The hash as 32 lower-case hexadecimal digits.
    public consuming func finish() -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in state.finalize() {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
