/// Which recorded answer belongs to which call of a service: a state machine without I/O.
///
/// A call belongs to the exchange whose trace id it carries; without one, to the exchange in flight
/// that recorded the same call, those that have not been asked for it yet first; outside all
/// exchanges, to any exchange that recorded it. What fits none is a miss, never a forward.
struct EgressBook: Sendable {
    /// One recorded call of an exchange.
    struct Recorded: Hashable, Sendable {
        var ask: EgressAsk
        /// The answer's bytes as they were.
        var response: [UInt8]
        /// How long it took, in nanoseconds.
        var latency: Int64 = 0
    }

    /// What is to be answered.
    enum Reply: Hashable, Sendable {
        /// The recorded bytes, and how long they took, in nanoseconds.
        case recorded([UInt8], after: Int64)
        /// Nothing was recorded; the sentence names the nearest recorded call and what differs.
        case miss(String)
    }

    /// What an exchange asked, once it ended.
    struct Summary: Hashable, Sendable {
        var asked: Set<EgressAsk> = []
        var unmatched = 0
    }

    private struct Flight {
        var exchange: String
        var trace: String?
        var calls: [Recorded]
        var used: [Bool]
        var summary = Summary()
    }

    private var flights: [Flight] = []
    private let shared: [EgressAsk: [UInt8]]
    /// Dependencies that were called in a protocol that is not HTTP/1, as in `features: Redis`.
    private(set) var foreign: Set<String> = []
    /// Calls that came outside all exchanges and were not answered.
    private(set) var strayMisses = 0

    /// Starts with the calls that any exchange may share.
    init(shared: [EgressAsk: [UInt8]]) {
        self.shared = shared
    }

    /// Notes that a dependency was called in another protocol: a miss of each exchange in flight, of
    /// which any may have made the call.
    mutating func note(_ foreign: ForeignProtocol, of name: String) {
        self.foreign.insert("\(name) in \(foreign.rawValue)")
        for index in flights.indices { flights[index].summary.unmatched += 1 }
        if flights.isEmpty { strayMisses += 1 }
    }

    /// Says that an exchange is being sent to the service.
    mutating func begin(exchange: String, trace: String?, calls: [Recorded]) {
        flights.append(
            Flight(
                exchange: exchange, trace: trace, calls: calls,
                used: Array(repeating: false, count: calls.count)))
    }

    /// Says that the exchange was answered; gives what it asked.
    mutating func end(exchange: String) -> Summary {
        guard let index = flights.firstIndex(where: { $0.exchange == exchange }) else {
            return Summary()
        }
        return flights.remove(at: index).summary
    }

    /// Answers a call: as it was made if a recording has it so, else as `kept`, which is the same call
    /// without what recordings leave out.
    mutating func answer(_ made: EgressAsk, or kept: EgressAsk? = nil, trace: String?) -> Reply {
        let ask = kept.map { isRecorded(made) ? made : $0 } ?? made
        // Exchanges in flight may share a trace, as those that one user's click set off.
        let traced =
            trace.map { trace in flights.indices.filter { flights[$0].trace == trace } } ?? []
        if let first = traced.first {
            let index = holder(of: ask, among: traced) ?? first
            return answer(ask, from: index) ?? miss(ask, at: index)
        }
        if let index = holder(of: ask, among: Array(flights.indices)),
            let reply = answer(ask, from: index)
        {
            return reply
        }
        if flights.isEmpty {
            if let response = shared[ask] { return .recorded(response, after: 0) }
            strayMisses += 1
            return .miss(sentence(ask, among: Array(shared.keys.prefix(10_000))))
        }
        return miss(ask, at: nearestFlight(to: ask))
    }

    private func isRecorded(_ ask: EgressAsk) -> Bool {
        shared[ask] != nil || flights.contains { $0.calls.contains { $0.ask == ask } }
    }

    /// The exchange among some in flight that recorded a call, rather one that has not made it yet.
    private func holder(of ask: EgressAsk, among candidates: [Int]) -> Int? {
        let holders = candidates.filter { index in
            flights[index].calls.contains { $0.ask == ask }
        }
        let fresh = holders.first { index in
            let flight = flights[index]
            return flight.calls.indices.contains { flight.calls[$0].ask == ask && !flight.used[$0] }
        }
        return fresh ?? holders.first
    }

    /// The answer that an exchange recorded for a call: in order, the last one again and again.
    private mutating func answer(_ ask: EgressAsk, from index: Int) -> Reply? {
        let matching = flights[index].calls.indices.filter { flights[index].calls[$0].ask == ask }
        guard let last = matching.last else { return nil }
        let chosen = matching.first { !flights[index].used[$0] } ?? last
        flights[index].used[chosen] = true
        flights[index].summary.asked.insert(ask)
        let call = flights[index].calls[chosen]
        return .recorded(call.response, after: call.latency)
    }

    private mutating func miss(_ ask: EgressAsk, at index: Int) -> Reply {
        flights[index].summary.asked.insert(ask)
        flights[index].summary.unmatched += 1
        return .miss(sentence(ask, among: flights[index].calls.map(\.ask)))
    }

    private func nearestFlight(to ask: EgressAsk) -> Int {
        func distance(_ index: Int) -> Int {
            flights[index].calls.lazy.filter { $0.ask.name == ask.name }
                .map { $0.ask.distance(to: ask) }.min() ?? .max
        }
        return flights.indices.min { distance($0) < distance($1) } ?? 0
    }

    private func sentence(_ ask: EgressAsk, among recorded: [EgressAsk]) -> String {
        let nearest = recorded.filter { $0.name == ask.name }.min { left, right in
            (left.distance(to: ask), left.target) < (right.distance(to: ask), right.target)
        }
        guard let nearest else {
            return "no call to \(ask.name) was recorded for \(ask.line)"
        }
        return "no recorded call to \(ask.name) is \(ask.line); the nearest is \(nearest.line): "
            + ask.differs(from: nearest)
    }
}
