import AssayCore
import Synchronization

/// A parser that is made when it is first needed, and kept for the next body; two bodies at once have
/// one each.
final class SharedTape: Sendable {
    private let kept = Mutex<JSONTape?>(nil)

    /// Lends a parser. Throws `.limit` without memory for one, and what `body` throws.
    func lend<Result>(
        _ body: (inout JSONTape) throws(AssayError) -> Result
    ) throws(AssayError) -> Result {
        var tape: JSONTape
        switch kept.withLock({ $0.take() }) {
        case .some(let last): tape = last
        case nil: tape = try JSONTape()
        }
        let result = try body(&tape)
        var used: JSONTape? = consume tape
        kept.withLock { $0 = used.take() }
        return result
    }
}
