import AssayCore
import AssayEvidence
import AssayStore

extension ReplayCollector {
    /// What lies in blobs, and the groups of all differences.
    struct Blobs: Sendable {
        var outcomes: Digest, timings: Digest, examples: Digest?
        var groups: DifferenceGroups
    }

    /// Writes the blobs, rows sorted by exchange id, with what confirmation said.
    func write(
        to store: Store, confirmations: [String: [String: ExchangeOutcome.Confirmation]]
    ) throws(AssayError) -> Blobs {
        var outcomes = try CompressedLines(store: store)
        var timings = try CompressedLines(store: store)
        var groups = groups
        try merge { (record: OutcomeSpill.Record) throws(AssayError) in
            var line = record.row
            if record.differs {
                var row = try ExchangeOutcome.parse(
                    row: line, name: "the row of exchange \(record.exchange)")
                for difference in row.differences[.effect] ?? [] {
                    row.confirmations[difference.path] =
                        confirmations[row.exchange]?[difference.path] ?? .notSent
                }
                line = []
                row.appendRow(to: &line)
                row.differences = row.differences.filter { $0.key == .effect }
                groups.add(row)
            }
            try outcomes.write(line)
            try timings.write(record.timing)
        }
        var examplesDigest: Digest?
        let lines = examples.lines
        if !lines.isEmpty {
            var blob = try CompressedLines(store: store)
            for line in lines { try blob.write(line) }
            examplesDigest = try blob.finish()
        }
        return Blobs(
            outcomes: try outcomes.finish(), timings: try timings.finish(),
            examples: examplesDigest, groups: groups)
    }
}
