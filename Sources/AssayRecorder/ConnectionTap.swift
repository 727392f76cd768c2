import AssayCapture

/// What becomes of the events of one connection: the clients' exchanges go to the journal, the
/// service's calls to the exchanges they belong to. Lives on the connection's event loop.
struct ConnectionTap {
    private let state: RecorderState
    private let sink: JournalSink
    private let traceHeader: String
    /// The dependency's name, where this is a connection to one.
    private let egress: String?
    private var owners: [Int: InFlightExchanges.Token?] = [:]

    init(state: RecorderState, sink: JournalSink, traceHeader: String, egress: String?) {
        self.state = state
        self.sink = sink
        self.traceHeader = traceHeader
        self.egress = egress
    }

    mutating func handle(_ events: [PairingEvent]) {
        for event in events {
            if egress == nil { handleExchange(event) } else { handleCall(event) }
        }
    }

    private func trace(of head: HTTPHead) -> String? {
        head[traceHeader].map(ExchangeRules.traceID)
    }

    private mutating func handleExchange(_ event: PairingEvent) {
        switch event {
        case .began(let number, let head, _):
            owners[number] = state.inFlight.begin(trace: trace(of: head))
        case .finished(let number, let paired):
            let calls = owners.removeValue(forKey: number)?.map(state.inFlight.end) ?? []
            sink.submit(paired, calls: calls)
        case .lost(let number, let loss):
            if let number, let token = owners.removeValue(forKey: number) ?? nil {
                let calls = state.inFlight.end(token)
                state.budget.release(calls.reduce(0) { $0 + $1.exchange.reserved })
                state.update { $0.egressLost += calls.count }
            }
            state.lose(loss.count, loss.reason)
        }
    }

    private mutating func handleCall(_ event: PairingEvent) {
        switch event {
        case .began(let number, let head, _):
            owners[number] = .some(state.inFlight.owner(trace: trace(of: head)))
        case .finished(let number, let paired):
            let call = InFlightExchanges.Call(name: egress ?? "", exchange: paired)
            if let owner = owners.removeValue(forKey: number) ?? nil,
                state.inFlight.attach(call, to: owner)
            {
                return
            }
            state.budget.release(paired.reserved)
            state.update { $0.egressUnassigned += 1 }
        case .lost(let number, _):
            if let number { owners[number] = nil }
            state.update { $0.egressLost += 1 }
        }
    }
}
