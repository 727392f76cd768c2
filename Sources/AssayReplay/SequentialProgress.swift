import AssayCore

/// Tells how far one of several arms is that are served one after another.
actor SequentialProgress {
    private let place: Int, count: Int, total: Int
    private let report: @Sendable (ReplayProgress) -> Void
    private var progress = ReplayProgress(phase: .replaying)
    private var sent = 0
    private let startedAt = MonotonicClock.now
    private var reportedAt: Int64 = 0

    init(
        arm: String, place: Int, of count: Int, total: Int, answered: Int,
        report: @escaping @Sendable (ReplayProgress) -> Void
    ) {
        self.place = place
        self.count = count
        self.total = total
        self.report = report
        progress.arm = "\(arm) (\(place) of \(count))"
        progress.done = answered
        progress.total = total
    }

    /// Counts answers.
    func add(_ answers: Int) {
        sent += answers
        progress.done += answers
        let now = MonotonicClock.now
        guard now - reportedAt > 200_000_000 || progress.done == total else { return }
        reportedAt = now
        progress.rate = Double(sent) / max(1e-9, Double(now - startedAt) / 1e9)
        // The arms that follow take as long as this one, as far as anybody knows.
        let left = total - progress.done + (count - place) * total
        progress.timeLeft = .seconds(Double(left) / max(progress.rate, 1e-9))
        report(progress)
    }
}
