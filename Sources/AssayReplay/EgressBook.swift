/// Which recorded answer belongs to which call of a service: a state machine without I/O.
///
/// A call belongs to the exchange whose trace id it carries; without one, to the exchange in flight
/// that recorded the same call, those that have not been asked for it yet first; outside all
/// exchanges, to any exchange that recorded it. What fits none is answered by what was supplied for
/// that, else it is a miss, never a forward.
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
        /// Nothing was recorded; the sentence names the nearest recorded call and what differs, the line
        /// would answer it from a file of answers.
        case miss(String, line: String)
    }

    /// What an exchange asked, once it ended.
    struct Summary: Hashable, Sendable {
        var asked: Set<EgressAsk> = []
        var unmatched = 0
        /// What of it nothing answered, but for calls in other protocols.
        var missed: Set<EgressAsk> = []
        /// How many calls were answered from each line of a file.
        var supplied: [Int: Int] = [:]
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
    private let supplied: EgressSupply?
    /// Dependencies that were called in a protocol that is not HTTP/1, as in `features: Redis`.
    private(set) var foreign: Set<String> = []
    /// Calls that came outside all exchanges and were not answered.
    private(set) var strayMisses = 0
    /// Lines of supplied answers that calls outside all exchanges took.
    private(set) var straySupplied: Set<Int> = []

    /// Starts with the calls that any exchange may share.
    init(shared: [EgressAsk: [UInt8]], supplied: EgressSupply? = nil) {
        self.shared = shared
        self.supplied = supplied
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
            return answer(ask, from: index) ?? supply(made, as: ask, at: index)
                ?? miss(ask, at: index)
        }
        if let index = holder(of: ask, among: Array(flights.indices)),
            let reply = answer(ask, from: index)
        {
            return reply
        }
        if flights.isEmpty {
            if let response = shared[ask] { return .recorded(response, after: 0) }
            if let reply = supply(made, as: ask, at: nil) { return reply }
            strayMisses += 1
            return .miss(
                sentence(ask, among: Array(shared.keys.prefix(10_000))), line: ask.lineToWrite)
        }
        let index = nearestFlight(to: ask)
        return supply(made, as: ask, at: index) ?? miss(ask, at: index)
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

    /// The supplied answer to a call that was not recorded, counted for an exchange in flight.
    private mutating func supply(_ made: EgressAsk, as ask: EgressAsk, at index: Int?) -> Reply? {
        guard let answer = supplied?[made] ?? supplied?[ask] else { return nil }
        if let index {
            flights[index].summary.asked.insert(ask)
            flights[index].summary.supplied[answer.line, default: 0] += 1
        } else {
            straySupplied.insert(answer.line)
        }
        return .recorded(answer.response, after: answer.latency ?? 0)
    }

    private mutating func miss(_ ask: EgressAsk, at index: Int) -> Reply {
        flights[index].summary.asked.insert(ask)
        flights[index].summary.missed.insert(ask)
        flights[index].summary.unmatched += 1
        return .miss(
            sentence(ask, among: flights[index].calls.map(\.ask)), line: ask.lineToWrite)
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
