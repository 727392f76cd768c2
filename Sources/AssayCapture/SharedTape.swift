import AssayCore
import Synchronization

/// Parsers that are made when they are first needed, and kept for the next bodies; two bodies at once
/// have one each.
final class SharedTape: Sendable {
    /// A parser that one body at a time has.
    final class Holder: @unchecked Sendable {
        fileprivate var tape: JSONTape

        fileprivate init() throws(AssayError) { tape = try JSONTape() }
    }

    let idle = Mutex<[Holder]>([])

    /// Lends a parser. Throws `.limit` without memory for one, and what `body` throws.
    func lend<Result>(
        _ body: (inout JSONTape) throws(AssayError) -> Result
    ) throws(AssayError) -> Result {
        let holder: Holder
        if let last = idle.withLock({ $0.popLast() }) {
            holder = last
        } else {
            holder = try Holder()
        }
        defer {
            holder.tape.shrink()
            idle.withLock { $0.append(holder) }
        }
        return try body(&holder.tape)
    }
}
