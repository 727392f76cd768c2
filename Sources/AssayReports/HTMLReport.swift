import AssayGate

/// A report as one HTML file: no script, nothing from elsewhere, light and dark, fit to print.
///
/// Everything from evidence and judgement is escaped; a content security policy in the page forbids
/// scripts and loads besides. The same contents give the same bytes.
public struct HTMLReport: Sendable {
    private let contents: PageContents

    /// Makes a report.
    public init(_ contents: PageContents) {
        self.contents = contents
    }

    /// The document.
    public var text: String {
        let body =
            [head, checks, remarks].joined()
            + contents.parts.map { HTMLEvidence($0).text }.joined()
        return """
            <!DOCTYPE html>
            \(ReportFile.mark)
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" \
            content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(HTMLText.escape(contents.title))</title>
            <style>
            \(HTMLStyle.sheet)
            </style>
            </head>
            <body>
            \(body)</body>
            </html>

            """
    }

    private var head: String {
        var html = HTMLText.element("h1", contents.title) + "\n"
        if let judgement = contents.judgement {
            let decision = judgement.decision.rawValue
            html += HTMLText.raw(
                "p",
                HTMLText.element("strong", decision) + " "
                    + HTMLText.element("span", judgement.headline),
                class: "decision \(decision)")
            html += "\n"
            for next in judgement.next.prefix(2) {
                html += HTMLText.raw("p", "Next: " + HTMLText.element("code", next)) + "\n"
            }
        }
        return html
            + contents.about.map { HTMLText.element("p", $0, class: "about") + "\n" }.joined()
    }

    private var checks: String {
        guard let judgement = contents.judgement else { return "" }
        var rows: [String] = []
        let order = judgement.checks.enumerated().sorted {
            ($1.element.effect, $0.offset) < ($0.element.effect, $1.offset)
        }.map(\.element)
        for check in order { rows += self.rows(check, of: judgement) }
        let header = ["", "check", "slice", "change", "effect", "", "limit", "size"]
        let head = header.map { HTMLText.element("th", $0) }.joined()
        let table =
            HTMLText.raw("thead", HTMLText.raw("tr", head))
            + HTMLText.raw("tbody", rows.joined(separator: "\n"))
        return HTMLText.element("h2", "Checks") + "\n"
            + HTMLText.raw("div", HTMLText.raw("table", table, class: "checks"), class: "wide")
            + "\n"
            + HTMLText.element(
                "p",
                "The bar is the interval, the dot the value, the upright line the limit.",
                class: "about") + "\n"
    }

    private func rows(_ check: CheckResult, of judgement: Judgement) -> [String] {
        func row(_ effect: Effect, _ outcome: Outcome, _ cells: [String]) -> String {
            let mark = HTMLText.element("td", FindingWords.symbol(effect, outcome), class: "mark")
            return HTMLText.raw(
                "tr", mark + cells.joined(),
                class: effect == .none ? outcome.rawValue : effect.rawValue)
        }
        var rows = check.findings.map { finding in
            row(
                finding.effect, finding.outcome,
                [
                    check.id, finding.slice ?? "all", FindingWords.change(finding),
                    FindingWords.effect(finding),
                ].map { HTMLText.element("td", $0) }
                    + [HTMLText.raw("td", IntervalBar(finding)?.svg ?? "")]
                    + [finding.limitText, FindingWords.size(finding)].map {
                        HTMLText.element("td", $0)
                    })
        }
        if rows.isEmpty {
            rows.append(
                row(
                    check.effect, check.outcome,
                    [
                        HTMLText.element("td", check.id),
                        "<td colspan=\"6\">\(HTMLText.escape(words(check.outcome)))</td>",
                    ]))
        }
        var lines = ["\(check.reason) (\(judgement.policySource):\(check.line))"]
        lines += check.fields.map {
            "\($0.path)  \($0.kind) in \(Numbers.grouped($0.count)) request\($0.count == 1 ? "" : "s")"
        }
        lines += check.details
        if let example = check.examples.first { lines.append("example: exchange \(example)") }
        let beneath = lines.map { HTMLText.element("div", $0) }.joined()
        rows.append("<tr class=\"why\"><td></td><td colspan=\"7\">\(beneath)</td></tr>")
        return rows
    }

    private func words(_ outcome: Outcome) -> String {
        outcome == .notApplicable ? "not applicable" : outcome.rawValue
    }

    private var remarks: String {
        guard let judgement = contents.judgement else { return "" }
        var lines = judgement.changed.map { name in
            judgement.changes[name].map { "changed: \(name) (\($0))" } ?? "changed: \(name)"
        }
        lines += judgement.notes
        for key in judgement.notChecked.keys.sorted() {
            lines.append(
                "not checked: \(key) \(judgement.notChecked[key]?.joined(separator: ", ") ?? "")")
        }
        guard !lines.isEmpty else { return "" }
        return HTMLText.element("h2", "To know") + "\n"
            + HTMLText.raw("ul", lines.map { HTMLText.element("li", $0) }.joined()) + "\n"
    }
}
