import Crypto

/// Digests that only the holder of a key can make (HMAC-SHA-256, RFC 2104): names for values that
/// are not to be known.
public struct KeyedDigest: Sendable {
    private let key: SymmetricKey

    /// Makes digests with a key, which should be 32 random bytes.
    public init(key: [UInt8]) {
        self.key = SymmetricKey(data: key)
    }

    /// The code of a message; the same for the same key and message.
    public func code(for message: some Sequence<UInt8>) -> Digest {
        let code = HMAC<SHA256>.authenticationCode(for: Array(message), using: key)
        guard let digest = Digest(bytes: Array(code)) else {
            preconditionFailure("HMAC-SHA-256 gives 32 bytes")
        }
        return digest
    }
}
