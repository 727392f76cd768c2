/// Where every exchange of a capture went. The sums must hold; see `imbalance`.
public struct LossLedger: Hashable, Sendable {
    /// seen = whole + truncated + unsupported + skipped.
    public var seen = 0, whole = 0, truncated = 0, unsupported = 0, skipped = 0
    /// whole = replayed + excluded + notReplayed. Excluded are those of routes that may not be sent
    /// again.
    public var replayed = 0, excluded = 0, notReplayed = 0
    /// replayed = compared + errored + unmatched.
    public var compared = 0, errored = 0, unmatched = 0

    /// An empty ledger.
    public init() {}

    /// The sentence of the first sum that does not hold; `nil` when all do.
    public var imbalance: String? {
        if seen != whole + truncated + unsupported + skipped {
            return "seen \(seen) is not whole \(whole) + truncated \(truncated) + unsupported "
                + "\(unsupported) + skipped \(skipped)"
        }
        if whole != replayed + excluded + notReplayed {
            return "whole \(whole) is not replayed \(replayed) + excluded \(excluded) + "
                + "not replayed \(notReplayed)"
        }
        if replayed != compared + errored + unmatched {
            return "replayed \(replayed) is not compared \(compared) + errored \(errored) + "
                + "unmatched \(unmatched)"
        }
        return nil
    }
}
