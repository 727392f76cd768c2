import AssayCoding
import AssayCore

/// Undoes the content encodings of bodies, as far as reading an exchange needs it.
enum ContentCoding {
    /// A body never expands to more than this.
    static let maximumBody = 64 << 20

    /// The body of a message without its content encoding; `nil` for an encoding that is not known
    /// here, content that is damaged, and what expands to more than a body may have.
    static func decoded(_ message: HTTPMessage) -> [UInt8]? {
        let encoding = message.head.values(of: "content-encoding").joined(separator: ",")
        let body = message.body
        guard !encoding.isEmpty else { return Array(body) }
        // Why it cannot be undone makes no difference to those who ask.
        return (try? ContentDecoder.decode(body, encoding: encoding, limit: maximumBody))
            .map { Array($0) }
    }
}
