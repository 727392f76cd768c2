public import AssayCore

extension LossLedger {
    /// The ledger as a JSON object of counts.
    public var json: JSONValue {
        .object(present: [
            "seen": JSONValue(seen), "whole": JSONValue(whole), "truncated": JSONValue(truncated),
            "unsupported": JSONValue(unsupported), "skipped": JSONValue(skipped),
            "replayed": JSONValue(replayed), "notReplayed": JSONValue(notReplayed),
            "excluded": excluded == 0 ? nil : JSONValue(excluded),
            "compared": JSONValue(compared), "errored": JSONValue(errored),
            "unmatched": JSONValue(unmatched),
        ])
    }

    /// Reads a ledger; throws `.invalidDocument` if a count is missing or negative. That the sums
    /// hold is for the reader to ask, with `imbalance`.
    public init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: [
            "seen", "whole", "truncated", "unsupported", "skipped", "replayed", "excluded",
            "notReplayed", "compared", "errored", "unmatched",
        ])
        self.init()
        seen = try reader["seen"].count()
        whole = try reader["whole"].count()
        truncated = try reader["truncated"].count()
        unsupported = try reader["unsupported"].count()
        skipped = try reader["skipped"].count()
        replayed = try reader["replayed"].count()
        excluded = try reader["excluded"].ifPresent?.count() ?? 0
        notReplayed = try reader["notReplayed"].count()
        compared = try reader["compared"].count()
        errored = try reader["errored"].count()
        unmatched = try reader["unmatched"].count()
    }

    /// The ledger of two disjoint sets of exchanges together.
    public static func + (left: LossLedger, right: LossLedger) -> LossLedger {
        var sum = left
        sum.seen += right.seen
        sum.whole += right.whole
        sum.truncated += right.truncated
        sum.unsupported += right.unsupported
        sum.skipped += right.skipped
        sum.replayed += right.replayed
        sum.excluded += right.excluded
        sum.notReplayed += right.notReplayed
        sum.compared += right.compared
        sum.errored += right.errored
        sum.unmatched += right.unmatched
        return sum
    }
}
