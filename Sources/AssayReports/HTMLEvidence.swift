import AssayCore
import AssayEvidence
import AssayGate

/// The part of an HTML report that shows one evidence.
struct HTMLEvidence {
    private let part: PageContents.Part
    private var evidence: Evidence { part.evidence }

    /// Lines of a body that are shown; longer answers are cut, and the cut is told.
    private static let lineLimit = 200

    init(_ part: PageContents.Part) {
        self.part = part
    }

    var text: String {
        let report = EvidenceReport(evidence, digest: part.digest)
        let head = report.head
        return HTMLText.element("h2", head[0]) + "\n"
            + head.dropFirst().map { HTMLText.element("p", $0, class: "about") + "\n" }.joined()
            + arms + groups + examples + ledger + latency + environment + suppressed + notes
    }

    private var arms: String {
        let rows = evidence.arms.map { arm in
            [
                arm.name, arm.bundle?.short ?? "–", String(arm.starts), String(arm.restarts),
                String(arm.environment.count),
            ]
        }
        return section("Arms")
            + HTMLText.table(
                header: ["arm", "bundle", "starts", "after a crash or hang", "environment facts"],
                rows: rows, numbers: [2, 3, 4])
    }

    private var groups: String {
        guard !evidence.groups.isEmpty else {
            return section("Differences") + HTMLText.element("p", "There are none.") + "\n"
        }
        let cells = part.groups.map { detail -> [String] in
            let group = detail.group
            let places =
                HTMLText.element("div", group.path)
                + detail.sentences.map { HTMLText.element("div", $0, class: "about") }.joined()
            let texts = [
                String(detail.number), group.comparison.rawValue, group.route, group.kind.name,
                Numbers.grouped(group.count), Numbers.grouped(group.confirmed),
                Numbers.grouped(group.noise), Numbers.grouped(group.notSent), detail.example ?? "",
            ].map(HTMLText.escape)
            return Array(texts[..<3]) + [places] + Array(texts[3...])
        }
        let more =
            part.hidden > 0
            ? HTMLText.element("p", "and \(part.hidden) more groups", class: "about") + "\n" : ""
        return section("Differences")
            + HTMLText.table(
                header: [
                    "#", "comparison", "route", "path", "kind", "exchanges", "confirmed", "noise",
                    "not sent", "example",
                ], cells: cells, numbers: [0, 5, 6, 7, 8]) + more
    }

    private var examples: String {
        part.examples.map { pair in
            var html = section("Exchange \(pair.exchange): \(pair.oldArm) against \(pair.newArm)")
            if !pair.paths.isEmpty {
                html += HTMLText.element("p", "differs at \(pair.paths.joined(separator: ", "))")
                html += "\n"
            }
            if !pair.request.isEmpty {
                let shown = pair.request.prefix(40).map(HTMLText.escape).joined(separator: "\n")
                let cut = pair.request.count - 40
                html += HTMLText.raw("pre", shown + (cut > 0 ? "\n⋮ \(cut) more lines" : "")) + "\n"
            }
            html += sideBySide(pair)
            return html + pair.notes.map { HTMLText.element("p", "note: \($0)") + "\n" }.joined()
        }.joined()
    }

    private func sideBySide(_ pair: AnswerPair) -> String {
        let parts = pair.parts
        var rows = parts.prefix(Self.lineLimit).map { part in
            switch part {
            case .equal(let count):
                return "<tr class=\"equal\"><td>⋮ \(count) equal lines</td><td></td><td></td></tr>"
            case .pair(let lines):
                let kind: String? =
                    lines.isEqual || lines.isTolerated
                    ? nil : lines.left == nil ? "new" : lines.right == nil ? "gone" : "changed"
                return HTMLText.raw(
                    "tr",
                    [lines.left ?? "", lines.mark, lines.right ?? ""].map {
                        HTMLText.element("td", $0)
                    }.joined(), class: kind)
            }
        }
        if parts.count > Self.lineLimit {
            rows.append(
                "<tr class=\"equal\"><td>⋮ \(parts.count - Self.lineLimit) more lines</td>"
                    + "<td></td><td></td></tr>")
        }
        let head = HTMLText.raw(
            "tr", [pair.oldArm, "", pair.newArm].map { HTMLText.element("th", $0) }.joined())
        return HTMLText.raw(
            "table", HTMLText.raw("thead", head) + HTMLText.raw("tbody", rows.joined()),
            class: "pair") + "\n"
    }

    private var ledger: String {
        let sums = evidence.ledger
        let rows: [(String, Int)] = [
            ("seen", sums.seen), ("whole", sums.whole), ("truncated", sums.truncated),
            ("unsupported", sums.unsupported), ("skipped", sums.skipped),
            ("replayed", sums.replayed), ("not replayed", sums.notReplayed),
            ("compared", sums.compared), ("errored", sums.errored), ("unmatched", sums.unmatched),
        ]
        let fault = sums.imbalance.map {
            HTMLText.element("p", "does not add up: \($0)", class: "fault") + "\n"
        }
        return section("Where every exchange went")
            + HTMLText.table(
                header: rows.map(\.0), rows: [rows.map { Numbers.grouped($0.1) }],
                numbers: Set(rows.indices))
            + HTMLText.element(
                "p",
                "seen = whole + truncated + unsupported + skipped; whole = replayed + not "
                    + "replayed; replayed = compared + errored + unmatched", class: "about") + "\n"
            + (fault ?? "")
    }

    private var latency: String {
        guard !evidence.latency.isEmpty else { return "" }
        let names = ["p50", "p90", "p99", "max"]
        let rows = evidence.latency.sorted { $0.key < $1.key }.map { name, latency in
            [name]
                + names.map { quantile in
                    latency.quantiles[quantile].map { Measure.text(Double($0), unit: .time) } ?? "–"
                } + [Numbers.grouped(latency.count), latency.void.map { "void: \($0)" } ?? ""]
        }
        return section("Latency")
            + HTMLText.table(
                header: ["arm"] + names + ["answers", ""], rows: rows, numbers: [1, 2, 3, 4, 5])
    }

    private var environment: String {
        let title = section("Environment: baseline against candidate")
        guard let differences = evidence.environmentDifferences() else {
            return title
                + HTMLText.element("p", "The environments of both were not probed.") + "\n"
        }
        guard !differences.isEmpty else {
            return title + HTMLText.element("p", "They are the same.") + "\n"
        }
        return title
            + HTMLText.table(
                header: ["fact", "baseline", "candidate"],
                rows: differences.map { [$0.key, $0.old ?? "absent", $0.new ?? "absent"] })
    }

    private var suppressed: String {
        guard !evidence.suppressed.isEmpty else { return "" }
        return section("Let pass by rules")
            + HTMLText.table(
                header: ["place", "comparisons"],
                rows: evidence.suppressed.sorted { $0.key < $1.key }.map {
                    [$0.key, Numbers.grouped($0.value)]
                }, numbers: [1])
    }

    private var notes: String {
        guard !evidence.notes.isEmpty else { return "" }
        return section("Notes")
            + HTMLText.raw("ul", evidence.notes.map { HTMLText.element("li", $0) }.joined()) + "\n"
    }

    private func section(_ title: String) -> String { HTMLText.element("h3", title) + "\n" }
}
