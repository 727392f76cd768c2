public import AssayCore
public import AssayEvidence
import AssayGate

/// The summary of evidence: arms, where every exchange went, and groups of equal differences.
public struct EvidenceReport: Sendable {
    private let evidence: Evidence
    private let digest: Digest
    private let style: TextStyle
    private let details: [GroupDetail]
    private let hidden: Int

    /// How many groups are shown unless more are asked for.
    public static let groupLimit = 20

    /// Makes a report that shows the first groups as they are in the evidence.
    public init(_ evidence: Evidence, digest: Digest, style: TextStyle = TextStyle()) {
        let all = GroupSelection().groups(of: evidence)
        let shown = all.prefix(Self.groupLimit)
        self.init(
            evidence, digest: digest, style: style,
            groups: shown.map { GroupDetail(number: $0.number, group: $0.group) },
            hidden: all.count - shown.count)
    }

    /// Makes a report that shows these groups and says how many more there are.
    public init(
        _ evidence: Evidence, digest: Digest, style: TextStyle, groups: [GroupDetail], hidden: Int
    ) {
        self.evidence = evidence
        self.digest = digest
        self.style = style
        details = groups
        self.hidden = hidden
    }

    /// The report, with a newline after every line.
    public var text: String { lines.map { $0 + "\n" }.joined() }

    /// The lines of the report.
    public var lines: [String] {
        head + [""] + arms + [""] + ledger + latency + groups + suppressed + misses
            + evidence.notes.flatMap {
                Columns.wrap("note: \(SafeText.clean($0))", width: style.width, indent: 2)
            }
    }

    /// What was replayed, how and by what.
    var head: [String] {
        let capture = evidence.capture
        let sample = capture.sample.map { " (a sample of \(Numbers.grouped($0)))" } ?? ""
        let pace: String
        switch (evidence.pacing.mode, evidence.pacing.value) {
        case ("schedule", let speed?): pace = "the capture's times × \(Double(speed).fixed(2))"
        case ("rate", let rate?): pace = "\(rate.fixed(0)) requests/s"
        case ("max", _): pace = "as fast as it goes"
        default: pace = evidence.pacing.mode
        }
        let sent = evidence.sending.flatMap { sending -> String? in
            guard let rate = sending.rate else { return nil }
            let late = sending.lateness["p99"].map {
                "; 99 % were sent at most \(Measure.text(Double($0), unit: .time)) late"
            }
            return "sent: \(Numbers.grouped(Int(rate.rounded()))) exchanges/s\(late ?? "")"
        }
        return [
            "evidence \(digest.short) of \(SafeText.clean(evidence.service)), made by assay "
                + SafeText.clean(evidence.tool),
            "\(SafeText.clean(capture.name)) (\(capture.id.short)): "
                + "\(Numbers.grouped(capture.chosen)) of \(Numbers.grouped(capture.exchanges)) "
                + "exchanges in \(Numbers.grouped(capture.sessions)) sessions\(sample)",
            "paced: \(pace), at most \(evidence.pacing.concurrency) in flight; isolation: "
                + "\(evidence.isolation.rawValue); seed \(evidence.seed)",
        ] + (sent.map { [$0] } ?? [])
    }

    private var arms: [String] {
        let rows = evidence.arms.map { arm -> [String] in
            let starts = arm.starts == 0 ? "" : "\(arm.starts) start\(arm.starts == 1 ? "" : "s")"
            let restarts = arm.restarts == 0 ? "" : "\(arm.restarts) after a crash or hang"
            return [
                "", arm.name, arm.bundle?.short ?? "–", starts,
                arm.environment.isEmpty ? "" : "\(arm.environment.count) facts", restarts,
            ]
        }
        return ["arms"] + Columns.align(rows, width: style.width, flexible: 5).map { "  " + $0 }
    }

    private var ledger: [String] {
        let sums = evidence.ledger
        let rows = [
            "seen \(sums.seen) = whole \(sums.whole) + truncated \(sums.truncated) + unsupported "
                + "\(sums.unsupported) + skipped \(sums.skipped)",
            "whole \(sums.whole) = replayed \(sums.replayed) + "
                + (sums.excluded > 0 ? "excluded \(sums.excluded) + " : "")
                + "not replayed \(sums.notReplayed)",
            "replayed \(sums.replayed) = compared \(sums.compared) + errored \(sums.errored) + "
                + "unmatched \(sums.unmatched)",
        ]
        let fault = sums.imbalance.map { [style.paint("  ✗ does not add up: \($0)", .red)] } ?? []
        return ["where every exchange went"] + rows.map { "  " + $0 } + fault
    }

    private var latency: [String] {
        guard !evidence.latency.isEmpty else { return [] }
        let names = ["p50", "p90", "p99", "max"]
        let rows = evidence.latency.sorted { $0.key < $1.key }.map { name, latency -> [String] in
            [name]
                + names.map { quantile in
                    let value = latency.quantiles[quantile].map {
                        Measure.text(Double($0), unit: .time)
                    }
                    return "\(quantile) \(value ?? "–")"
                } + ["n=\(Numbers.grouped(latency.count))"]
                + [latency.void.map { "void: \(SafeText.clean($0))" } ?? ""]
        }
        return ["", "latency"]
            + Columns.align(rows, width: style.width - 2, flexible: 6).map { "  " + $0 }
    }

    private var groups: [String] {
        guard !evidence.groups.isEmpty else { return ["", "no differences"] }
        guard !details.isEmpty else { return ["", "no differences of that selection"] }
        let header = [
            "#", "comparison", "route", "path", "kind", "exchanges", "confirmed", "noise",
            "not sent", "example",
        ]
        let rows = details.map { detail -> [String] in
            let group = detail.group
            return [
                String(detail.number), group.comparison.rawValue, SafeText.clean(group.route),
                SafeText.clean(group.path), group.kind.name, Numbers.grouped(group.count),
                Numbers.grouped(group.confirmed), Numbers.grouped(group.noise),
                Numbers.grouped(group.notSent), SafeText.clean(detail.example ?? ""),
            ]
        }
        let table = Columns.align([header] + rows, width: style.width - 2, flexible: 3)
        var lines = ["", "differences", "  \(table[0])"]
        for (line, detail) in zip(table.dropFirst(), details) {
            lines.append("  \(line)")
            lines += detail.sentences.flatMap {
                Columns.wrap(SafeText.clean($0), width: style.width, first: 6, indent: 8)
            }
        }
        return lines + (hidden > 0 ? ["  and \(hidden) more groups"] : [])
    }

    /// Lines are not wrapped: they are there to be copied.
    private var misses: [String] {
        guard !evidence.misses.isEmpty else { return [] }
        return ["", "calls of dependencies that nothing answered, as lines for --egress-answers"]
            + evidence.misses.map { "  " + SafeText.clean($0) }
    }

    private var suppressed: [String] {
        let rows = evidence.suppressed.sorted { $0.key < $1.key }.map {
            [SafeText.clean($0.key), "\(Numbers.grouped($0.value)) comparisons"]
        }
        guard !rows.isEmpty else { return [] }
        return ["", "let pass by rules"]
            + Columns.align(rows, width: style.width - 2, flexible: 0).map { "  " + $0 }
    }
}
