import Glibc

/// A share of exchanges that come in sessions, which are the independent units.
///
/// The interval is that of Korn and Graubard (Survey Methodology 24, 1998): Clopper and Pearson on the
/// effective count of trials, which is the count divided by the design effect, the ratio of the
/// variance between sessions to that of independent exchanges. With no event at all, or nothing but
/// events, the variance between sessions says nothing, and the effective count is that of sessions.
public struct ClusteredProportion: Hashable, Sendable {
    /// Exchanges, events among them, and sessions.
    public let trials: Int, events: Int, sessions: Int
    /// The count of independent exchanges that would tell as much.
    public let effectiveTrials: Double

    /// Gathers the sessions: for each its exchanges and the events among them.
    public init(sessions: some Sequence<(trials: Int, events: Int)>) {
        var trials = 0
        var events = 0
        var count = 0
        for session in sessions {
            trials += session.trials
            events += session.events
            count += 1
        }
        self.trials = trials
        self.events = events
        self.sessions = count
        let share = trials > 0 ? Double(events) / Double(trials) : 0
        guard events > 0, events < trials, count > 1 else {
            effectiveTrials = Double(count)
            return
        }
        var squares = 0.0
        for session in sessions {
            let residual = Double(session.events) - share * Double(session.trials)
            squares += residual * residual
        }
        let n = Double(trials)
        let m = Double(count)
        let clustered = m / (m - 1) * squares / (n * n)
        let independent = share * (1 - share) / n
        effectiveTrials = n / max(1, clustered / independent)
    }

    /// The share of exchanges that are events; 0 where there are none.
    public var share: Double { trials > 0 ? Double(events) / Double(trials) : 0 }

    /// The design effect: how many exchanges tell as much as one independent one.
    public var designEffect: Double {
        effectiveTrials > 0 ? Double(trials) / effectiveTrials : 1
    }

    /// The two-sided interval of the share.
    public func interval(confidence: Double) -> Interval {
        Proportion.clopperPearson(
            events: share * effectiveTrials, trials: effectiveTrials, confidence: confidence)
    }

    /// The chance of so many events when the share is `limit`; small means that it is larger.
    public func harm(beyond limit: Double) -> Double {
        Proportion.upperTail(
            events: share * effectiveTrials, trials: effectiveTrials, share: limit)
    }

    /// How many exchanges of this kind would show that a share like this one is within `limit`;
    /// `nil` if none would, because it is not.
    public func needed(within limit: Double, confidence: Double) -> Int? {
        guard share < limit, limit > 0 else { return nil }
        func suffices(_ count: Double) -> Bool {
            Proportion.clopperPearson(events: share * count, trials: count, confidence: confidence)
                .upper <= limit
        }
        var high = 1.0
        while !suffices(high) {
            high *= 2
            if high > 1e12 { return nil }
        }
        var low = high / 2
        while high - low > max(1, high * 0.001) {
            let middle = (low + high) / 2
            if suffices(middle) { high = middle } else { low = middle }
        }
        return Int((high * designEffect).rounded(.up))
    }
}
