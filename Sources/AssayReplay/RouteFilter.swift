import AssayCapture
import Synchronization

/// Leaves out the exchanges of routes that may not be sent again, and counts them.
final class RouteFilter: Sendable {
    private let rules: ExchangeRules?
    private let counts = Mutex<[String: Int]>([:])

    /// Filters by routes; the first that matches a request names it.
    init(_ routes: [ExchangeRules.Route]) {
        rules = routes.allSatisfy(\.isReplayable) ? nil : ExchangeRules(routes: routes)
    }

    /// Whether a request may be sent; one that may not is counted.
    func admits(_ head: HTTPHead) -> Bool {
        guard let route = rules?.route(of: head), !route.isReplayable else { return true }
        counts.withLock { $0[route.name, default: 0] += 1 }
        return false
    }

    /// How many requests were not admitted, by route.
    var excluded: [String: Int] { counts.withLock { $0 } }
}
