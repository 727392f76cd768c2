import AssayCore
import AssayEvidence
import AssayGate

/// A report as Markdown for a pull request or a step summary, at most 64 KiB.
///
/// Parts come in the order of their weight, and what does not fit is left out and counted. The same
/// contents give the same bytes.
public struct MarkdownReport: Sendable {
    private let contents: PageContents

    /// The most bytes that GitHub takes as a comment.
    public static let byteLimit = 65_536

    /// Makes a report.
    public init(_ contents: PageContents) {
        self.contents = contents
    }

    /// The document.
    public var text: String {
        let blocks = head + checks + remarks + contents.parts.flatMap(evidence)
        var text = ""
        var omitted = 0
        let room = Self.byteLimit - 200
        for block in blocks {
            if text.utf8.count + block.utf8.count + 1 > room {
                omitted += 1
            } else {
                text += (text.isEmpty ? "" : "\n") + block
            }
        }
        if omitted > 0 {
            text += "\n\(omitted) more parts do not fit into 64 KiB; `assay show` has them.\n"
        }
        return text
    }

    private var head: [String] {
        var lines: [String] = []
        if let judgement = contents.judgement {
            let mark =
                switch judgement.decision {
                case .pass: "✓"
                case .blocked: "✗"
                case .hold: "?"
                }
            lines.append("### \(mark) \(MarkdownText.escape(judgement.headline))\n")
            lines += judgement.next.prefix(1).map { "Next: \(MarkdownText.escape($0))\n" }
        } else {
            lines.append("### \(MarkdownText.escape(contents.title))\n")
        }
        return lines + contents.about.map { "\(MarkdownText.escape($0))\n" }
    }

    private var checks: [String] {
        guard let judgement = contents.judgement else { return [] }
        let shown = judgement.checks.enumerated().filter {
            $0.element.outcome != .pass && $0.element.outcome != .notApplicable
        }.sorted {
            ($1.element.effect, $0.offset) < ($0.element.effect, $1.offset)
        }.map(\.element)
        var blocks: [String] = []
        var rows: [[String]] = []
        for check in shown {
            let findings = check.findings.filter { $0.outcome != .pass }
            for finding in findings.prefix(20) {
                rows.append([
                    FindingWords.symbol(finding.effect, finding.outcome), check.id,
                    finding.slice ?? "", FindingWords.change(finding),
                    FindingWords.effect(finding), finding.limitText, FindingWords.size(finding),
                ])
            }
            if findings.isEmpty {
                let symbol = FindingWords.symbol(check.effect, check.outcome)
                rows.append([symbol, check.id, "", check.outcome.rawValue, "", "", ""])
            }
        }
        if !rows.isEmpty {
            blocks.append(
                MarkdownText.table(
                    header: ["", "check", "slice", "change", "effect", "limit", "size"],
                    rows: rows))
        }
        for check in shown {
            var lines = [
                "**\(MarkdownText.escape(check.id))**: \(MarkdownText.escape(check.reason))"
            ]
            lines += check.fields.map {
                "- \(MarkdownText.escape("\($0.path)  \($0.kind) in \($0.count) requests"))"
            }
            lines += check.details.map { "- \(MarkdownText.escape($0))" }
            blocks.append(lines.joined(separator: "\n") + "\n")
        }
        let passed = judgement.checks.count { $0.outcome == .pass }
        let skipped = judgement.checks.filter { $0.outcome == .notApplicable }
        var sums = ["✓ \(passed) passed"]
        sums += skipped.map { MarkdownText.escape("– not applicable: \($0.id) (\($0.reason))") }
        return blocks + [sums.joined(separator: "\n") + "\n"]
    }

    private var remarks: [String] {
        guard let judgement = contents.judgement else { return [] }
        var lines = judgement.changed.map { name in
            judgement.changes[name].map { "changed: \(name) (\($0))" } ?? "changed: \(name)"
        }
        lines += judgement.notes
        for key in judgement.notChecked.keys.sorted() {
            lines.append(
                "not checked: \(key) \(judgement.notChecked[key]?.joined(separator: ", ") ?? "")")
        }
        guard !lines.isEmpty else { return [] }
        return [lines.map { "- \(MarkdownText.escape($0))\n" }.joined()]
    }

    private func evidence(_ part: PageContents.Part) -> [String] {
        let evidence = part.evidence
        let capture = evidence.capture
        var blocks = [
            "#### Evidence \(part.digest.short): "
                + MarkdownText.escape(
                    "\(capture.name), \(Numbers.grouped(capture.chosen)) of "
                        + "\(Numbers.grouped(capture.exchanges)) exchanges") + "\n"
        ]
        if !part.groups.isEmpty {
            blocks.append(
                MarkdownText.table(
                    header: ["#", "comparison", "route", "path", "kind", "exchanges", "slices"],
                    rows: part.groups.map { detail in
                        let group = detail.group
                        return [
                            String(detail.number), group.comparison.rawValue, group.route,
                            group.path, group.kind.name, Numbers.grouped(group.count),
                            detail.concentrations.prefix(3).map(\.slice).joined(separator: ", "),
                        ]
                    }))
        }
        let sums = evidence.ledger
        var ledger = "seen \(sums.seen), replayed \(sums.replayed), compared \(sums.compared), "
        ledger += "errored \(sums.errored), unmatched \(sums.unmatched)\n"
        if let fault = sums.imbalance {
            ledger += "\n**does not add up**: \(MarkdownText.escape(fault))\n"
        }
        blocks.append(ledger)
        return blocks + part.examples.map(example)
    }

    private func example(_ pair: AnswerPair) -> String {
        var lines = pair.request.prefix(12).map { "> \($0)" }
        for part in pair.parts.prefix(60) {
            switch part {
            case .equal(let count): lines.append("⋮ \(count) equal lines")
            case .pair(let both) where both.mark == " ":
                lines.append("  \(both.left ?? "")")
            case .pair(let both) where both.isTolerated:
                lines.append("  \(both.left ?? "")  ≈  \(both.right ?? "")")
            case .pair(let both):
                lines += both.left.map { ["- \($0)"] } ?? []
                lines += both.right.map { ["+ \($0)"] } ?? []
            }
        }
        let title = "exchange \(pair.exchange): \(pair.oldArm) (−) against \(pair.newArm) (+)"
        return "<details><summary>\(MarkdownText.escape(title))</summary>\n\n"
            + MarkdownText.code(lines, language: "diff") + "</details>\n"
    }
}
