import AssayCapture
import AssayCore
import AssayEvidence

/// Joins the bytes of one answer as they come, until it is whole.
struct AnswerAssembler {
    private var framer: HTTPFramer
    private let limit: Int
    private var bytes: [UInt8] = []
    private var hasMore = false

    /// Starts an answer to a request with this method, of at most `limit` bytes.
    init(method: String, limit: Int) {
        framer = HTTPFramer(.response(toMethod: method), limits: .init(message: limit))
        self.limit = limit
    }

    /// Takes bytes; gives whether the answer is whole. Throws `ArmFailure` for what is not HTTP or
    /// is too large.
    mutating func feed(_ piece: [UInt8]) throws(ArmFailure) -> Bool {
        do throws(AssayError) {
            let taken = try framer.consume(piece[...])
            if bytes.isEmpty, taken == piece.count {
                bytes = piece
            } else {
                bytes += piece[..<taken]
            }
            // Room for all of it at once: what grows by doubling takes thrice its size meanwhile.
            if let missing = framer.missing {
                bytes.reserveCapacity(bytes.count + min(missing, limit))
            }
            hasMore = taken < piece.count
            return framer.isComplete
        } catch {
            throw ArmFailure(kind: error.code == .limit ? .tooLarge : .malformed, sawBytes: true)
        }
    }

    /// Says that the connection has ended; gives whether that makes the answer whole.
    mutating func end() -> Bool {
        // What the end cuts short is not whole; the reason is that it ended.
        do throws(AssayError) { try framer.end() } catch { return false }
        return framer.isComplete
    }

    /// The whole answer with its status, and whether another request may follow on the connection;
    /// `nil` if its head has no status.
    consuming func finish() -> (message: HTTPMessage, status: Int, keepsAlive: Bool)? {
        guard let head = framer.head, let status = head.status else { return nil }
        let endsWithConnection = framer.endsWithConnection || hasMore || status == 101
        let keepsAlive =
            !endsWithConnection && !head.lists("close", in: "connection")
            && (!head.isResponseOfHTTP10 || head.lists("keep-alive", in: "connection"))
        let message = HTTPMessage(bytes: bytes, head: head, bodyOffset: framer.bodyOffset)
        return (message, status, keepsAlive)
    }
}
