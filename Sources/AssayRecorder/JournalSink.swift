import AssayCapture
import AssayCore
import AssaySystem
import Dispatch
import SystemPackage

/// Writes exchanges to the journal on a queue of its own, so that no traffic waits for the disk.
///
/// Unchecked: `journal` and `recorded` are touched on the queue only, which is serial.
final class JournalSink: @unchecked Sendable {
    private let queue = DispatchQueue(label: "assay.recorder.journal")
    private let state: RecorderState
    private let configuration: RecorderConfiguration
    private var journal: CaptureJournal?
    private let ledger: RecordingLedger
    /// The counts that are on disk.
    private var saved: CaptureLosses?
    /// Bytes of an earlier run that are gone on with, and of a torn frame that were cut off.
    let continued: Int, torn: Int
    private var recorded = 0
    /// Bytes of journals that were put aside.
    private var asideSize = 0
    private let asideQueue = DispatchQueue(label: "assay.recorder.rotation")

    /// Opens the journal; throws what opening it throws. Losses of earlier runs stay counted.
    init(_ configuration: RecorderConfiguration, state: RecorderState) throws(AssayError) {
        let journal = try CaptureJournal(at: configuration.journal)
        ledger = RecordingLedger(of: configuration.journal)
        continued = journal.continued
        torn = journal.torn
        let earlier = try ledger.load(isContinued: continued + torn > 0)
        state.update { $0.losses.add(earlier) }
        self.journal = consume journal
        self.configuration = configuration
        self.state = state
    }

    /// Hands over an exchange with the calls that were made for it; gives their bytes back to the
    /// budget when they are written.
    func submit(_ paired: PairedExchange, calls: [InFlightExchanges.Call]) {
        queue.async { [self] in
            defer {
                let held = calls.reduce(paired.reserved) { $0 + $1.exchange.reserved }
                state.budget.release(held)
            }
            write(paired, calls)
        }
    }

    /// Makes what was written so far a frame of its own, which survives the end of the process.
    func flush() {
        queue.async { [self] in
            do throws(AssayError) {
                try journal?.flush()
                try save(isFinished: false)
            } catch {
                fail(error)
            }
        }
    }

    /// Writes out all that was handed over; gives how many exchanges this sink wrote.
    func finish() async -> Int {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                do throws(AssayError) {
                    try journal.take()?.finish()
                    try save(isFinished: true)
                } catch {
                    fail(error)
                }
                // What was put aside is dealt with before the recording is over.
                asideQueue.sync {}
                continuation.resume(returning: recorded)
            }
        }
    }

    private func write(_ paired: PairedExchange, _ calls: [InFlightExchanges.Call]) {
        guard journal != nil else {
            return state.lose(\.truncated, "the journal could not be written")
        }
        var exchange = Exchange(
            request: paired.request, response: paired.response, startedAt: paired.startedAt,
            firstByteAfter: paired.firstByteAt - paired.startedAt,
            endedAfter: paired.endedAt - paired.startedAt,
            egress: calls.map { call in
                EgressCall(
                    name: call.name, request: call.exchange.request,
                    response: call.exchange.response,
                    startedAfter: call.exchange.startedAt - paired.startedAt,
                    endedAfter: call.exchange.endedAt - paired.startedAt)
            })
        exchange.bundle = stamp(of: paired.response) ?? configuration.bundle
        configuration.rules.apply(to: &exchange)
        if let sample = configuration.sample, !sample.keeps(exchange) {
            return state.lose(\.skipped, "left out by the sample")
        }
        if let limit = configuration.maximumSize, asideSize + (journal?.size ?? 0) >= limit {
            return state.lose(\.skipped, "the recording has its maximum size")
        }
        do throws(AssayError) {
            let notes = try configuration.prepare?(&exchange) ?? []
            if !notes.isEmpty {
                state.update { counters in notes.forEach { counters.losses.note($0) } }
            }
        } catch {
            // Kept as it is, it would hold what was to be taken out.
            let reason =
                error.code == .unsupported ? Redactor.refusal : "it could not be redacted: \(error)"
            return state.lose(\.unsupported, reason)
        }
        do throws(AssayError) {
            try journal?.append(exchange)
        } catch {
            if error.code == .limit { return state.lose(\.truncated, error.message) }
            state.lose(\.truncated, "the journal could not be written")
            return fail(error)
        }
        recorded += 1
        state.keep(calls: calls.count)
        do throws(AssayError) {
            try rotate()
        } catch {
            fail(error)
        }
    }

    /// Puts the counts on disk, if they have changed.
    private func save(isFinished: Bool) throws(AssayError) {
        let losses = state.snapshot.losses
        guard isFinished || losses != saved else { return }
        try ledger.save(losses, isFinished: isFinished)
        saved = losses
    }

    /// Puts a journal that is large enough aside, and goes on with another.
    private func rotate() throws(AssayError) {
        guard let rotation = configuration.rotation, let size = journal?.size,
            size >= rotation.size
        else { return }
        try journal.take()?.finish()
        var number = 1
        while FileSystem.exists(FilePath("\(configuration.journal).\(number)")) { number += 1 }
        let aside = FilePath("\(configuration.journal).\(number)")
        try FileSystem.rename(configuration.journal, to: aside)
        asideSize += size
        journal = try CaptureJournal(at: configuration.journal)
        asideQueue.async { rotation.finished(aside) }
    }

    /// The bundle that the response names, with or without `sha256:`.
    private func stamp(of response: [UInt8]) -> Digest? {
        var framer = HTTPFramer(.response(toMethod: "GET"))
        // What is no head has no stamp; the pairing has read it before.
        guard (try? framer.consume(response[...])) != nil, let text = framer.head?["x-assay-bundle"]
        else { return nil }
        return Digest(text) ?? Digest(hex: text)
    }

    private func fail(_ error: AssayError) {
        journal = nil
        state.update { $0.journalFailure = $0.journalFailure ?? error }
    }
}
