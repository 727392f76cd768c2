import AssayCore
public import AssayEvidence

/// Evidence for people: the identity run first, then the groups of differences, then where every
/// exchange went.
public struct EvidenceReport: Sendable {
    private let evidence: Evidence

    /// Prepares to render.
    public init(_ evidence: Evidence) {
        self.evidence = evidence
    }

    /// The lines, without colour.
    public var lines: [String] {
        var lines = [
            "evidence on \(evidence.service), capture \(evidence.capture.name) "
                + "(\(evidence.capture.id.short)): \(evidence.capture.chosen) of "
                + "\(evidence.capture.exchanges) exchanges, \(evidence.capture.sessions) sessions"
        ]
        for arm in evidence.arms where arm.name != "recorded" {
            lines.append(
                "arm \(arm.name): bundle \(arm.bundle?.short ?? "unknown"), started \(arm.starts) times"
                    + (arm.restarts > 0 ? ", \(arm.restarts) of them after a crash or hang" : ""))
        }
        lines.append("isolation: \(evidence.isolation.rawValue)")
        lines += groups
        lines += latency
        let ledger = evidence.ledger
        lines.append(
            "exchanges: \(ledger.seen) seen, \(ledger.whole) whole, \(ledger.replayed) replayed, "
                + "\(ledger.compared) compared, \(ledger.errored) errored, \(ledger.unmatched) unmatched"
        )
        for (pointer, count) in evidence.suppressed.sorted(by: { $0.key < $1.key }) {
            lines.append("rule \(pointer) let \(count) differences pass")
        }
        lines += evidence.notes.map { "note: \($0)" }
        return lines
    }

    private var groups: [String] {
        let rows = evidence.groups.map { group in
            [
                group.comparison.rawValue, group.route, group.path, group.kind.name,
                "\(group.count)",
                group.comparison == .effect ? "\(group.confirmed)" : "–",
                group.comparison == .effect ? "\(group.noise)" : "–", group.examples.first ?? "",
            ]
        }
        guard !rows.isEmpty else { return ["no differences"] }
        return TextTable(
            header: [
                "comparison", "route", "path", "kind", "count", "confirmed", "noise", "example",
            ],
            rows: rows, rightAligned: [4, 5, 6]
        ).lines
    }

    private var latency: [String] {
        let rows = evidence.latency.sorted { $0.key < $1.key }.map { arm, latency in
            [arm, "\(latency.count)"]
                + ["p50", "p90", "p99", "max"].map { name in
                    latency.quantiles[name].map { "\((Double($0) / 1e6).fixed(2)) ms" } ?? "–"
                }
        }
        guard !rows.isEmpty else { return [] }
        return TextTable(
            header: ["latency", "count", "p50", "p90", "p99", "max"], rows: rows,
            rightAligned: [1, 2, 3, 4, 5]
        ).lines
    }
}
