import AssayCapture
import Synchronization

/// The exchanges that the service is answering now, and the calls it made for them.
///
/// A call belongs to the exchange with its trace id, where both have one; else to the only exchange
/// in flight that does not contradict it, if no connection of a client goes on unseen; else to none.
final class InFlightExchanges: Sendable {
    /// An exchange, by the order of its coming.
    struct Token: Hashable, Sendable {
        let number: UInt64
    }

    private struct Entry {
        var trace: String?
        var calls: [Call] = []
    }

    /// A call with its times in nanoseconds since 1970.
    struct Call: Sendable {
        var name: String
        var exchange: PairedExchange
    }

    private struct State {
        var next: UInt64 = 0
        var entries: [Token: Entry] = [:]
        var byTrace: [String: Set<Token>] = [:]
        /// Connections of clients whose exchanges are not followed any more.
        var untracked = 0
    }

    private let state = Mutex(State())

    /// Notes that an exchange began.
    func begin(trace: String?) -> Token {
        state.withLock { state in
            let token = Token(number: state.next)
            state.next += 1
            state.entries[token] = Entry(trace: trace)
            if let trace { state.byTrace[trace, default: []].insert(token) }
            return token
        }
    }

    /// Notes that a connection goes on whose exchanges are not followed any more.
    func beginUntracked() { state.withLock { $0.untracked += 1 } }

    /// Notes that such a connection is gone.
    func endUntracked() { state.withLock { $0.untracked -= 1 } }

    /// Finds the exchange that a call which begins now belongs to.
    func owner(trace: String?) -> Token? {
        state.withLock { state in
            if let trace, let tokens = state.byTrace[trace] {
                return tokens.count == 1 ? tokens.first : nil
            }
            guard state.untracked == 0, state.entries.count == 1, let only = state.entries.first
            else { return nil }
            return trace != nil && only.value.trace != nil ? nil : only.key
        }
    }

    /// Adds a call that has ended; false if its exchange has ended before.
    func attach(_ call: Call, to token: Token) -> Bool {
        state.withLock { state in
            guard state.entries[token] != nil else { return false }
            state.entries[token]?.calls.append(call)
            return true
        }
    }

    /// Ends an exchange and gives its calls, in the order of their beginnings.
    func end(_ token: Token) -> [Call] {
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: token) else { return [] }
            if let trace = entry.trace {
                state.byTrace[trace]?.remove(token)
                if state.byTrace[trace]?.isEmpty == true { state.byTrace[trace] = nil }
            }
            return entry.calls.sorted { $0.exchange.startedAt < $1.exchange.startedAt }
        }
    }
}
