import AssayCapture
import AssayCore
import Synchronization

/// What all connections of a recorder share.
final class RecorderState: Sendable {
    let budget: RecordingBudget
    let clock = RecorderClock()
    let inFlight = InFlightExchanges()
    private let counters: Mutex<RecorderCounters>

    init(bufferLimit: Int) {
        budget = RecordingBudget(limit: bufferLimit)
        var counters = RecorderCounters()
        counters.bufferLimit = bufferLimit
        self.counters = Mutex(counters)
    }

    /// The counters now.
    var snapshot: RecorderCounters {
        var snapshot = counters.withLock { $0 }
        snapshot.buffered = budget.count
        return snapshot
    }

    /// Changes the counters.
    func update(_ change: (inout RecorderCounters) -> Void) {
        counters.withLock { change(&$0) }
    }

    /// Counts an exchange that was kept, with its calls.
    func keep(calls: Int) {
        update { counters in
            counters.losses.keep()
            counters.egressCalls += calls
        }
    }

    /// Counts an exchange that was lost.
    func lose(_ count: WritableKeyPath<CaptureLosses, Int>, _ reason: String) {
        update { $0.losses.lose(count, reason) }
    }
}
