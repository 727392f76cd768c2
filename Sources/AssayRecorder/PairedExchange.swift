import AssayCapture

/// A request and its response as they passed, with their times in nanoseconds since 1970.
struct PairedExchange: Sendable {
    var request: [UInt8]
    var response: [UInt8]
    var startedAt: Int64
    var firstByteAt: Int64
    var endedAt: Int64
    /// Bytes of the budget that it holds.
    var reserved: Int
}

/// What a connection showed.
enum PairingEvent: Sendable {
    /// The head of a request is whole. The number is the connection's own.
    case began(Int, HTTPHead, at: Int64)
    /// A request and its response are whole.
    case finished(Int, PairedExchange)
    /// An exchange was seen and cannot be kept; the number is `nil` if it never began.
    case lost(Int?, Loss)
}

/// Why an exchange cannot be kept.
enum Loss: Error, Hashable, Sendable {
    case tooLarge, behind, cutShort, unanswered, upgraded
    /// Framing that cannot be followed, with the reason.
    case unsupported(String)

    var reason: String {
        switch self {
        case .tooLarge: "a message was larger than the recorder keeps"
        case .behind: "the recorder fell behind"
        case .cutShort: "the connection ended in the middle"
        case .unanswered: "the connection ended before an answer"
        case .upgraded: "the connection changed to another protocol"
        case .unsupported(let reason): reason
        }
    }

    /// The count of the ledger that it goes into.
    var count: any WritableKeyPath<CaptureLosses, Int> & Sendable {
        switch self {
        case .tooLarge, .behind, .cutShort, .unanswered: \.truncated
        case .upgraded, .unsupported: \.unsupported
        }
    }
}
