import AssayCapture
import Synchronization

/// Decides which exchanges of a capture are sent, and counts those that may not be.
///
/// An exchange is left out if it is of another shard, was replayed in an earlier part of this run, or
/// takes a route that may not be sent again; the last are counted.
final class ExchangeFilter: Sendable {
    private let shard: ReplayShard?
    private let done: ExchangeIDs
    private let rules: ExchangeRules?
    private let counts = Mutex<[String: Int]>([:])

    /// Filters by a shard, by what was done, and by routes, of which the first that matches a request
    /// decides.
    init(
        shard: ReplayShard? = nil, done: ExchangeIDs = ExchangeIDs(),
        routes: [ExchangeRules.Route] = []
    ) {
        self.shard = shard
        self.done = done
        rules = routes.allSatisfy(\.isReplayable) ? nil : ExchangeRules(routes: routes)
    }

    /// Whether an exchange, whose request has this head, is sent.
    func admits(_ exchange: Exchange, head: HTTPHead) -> Bool {
        if let shard, !shard.contains(session: exchange.session ?? exchange.id) { return false }
        if let route = rules?.route(of: head), !route.isReplayable {
            counts.withLock { $0[route.name, default: 0] += 1 }
            return false
        }
        return !done.contains(exchange.id)
    }

    /// Whether some routes are left out.
    var excludesRoutes: Bool { rules != nil }

    /// Starts counting anew.
    func forget() {
        counts.withLock { $0 = [:] }
    }

    /// How many exchanges were left out because of their route, by route.
    var excluded: [String: Int] { counts.withLock { $0 } }
}
