import ArgumentParser
import AssayCore
import AssayEvidence
import AssayGate
import AssayPromotion
import AssayReplay
import AssayReports
import AssayStore

/// `assay show`: browses evidence and verdicts.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print evidence or a verdict; one group, one exchange side by side.",
        discussion: """
            Examples:
              assay show 1a2b3c4d
              assay show 1a2b3c4d --comparison effect --route 'POST /predict' --slice carrier=HA
              assay show 1a2b3c4d --group 2 --limit 50 --after 0f3c9ad2e1b7c6d5
              assay show 1a2b3c4d --exchange 0f3c9ad2e1b7c6d5
              assay show 1a2b3c4d --html report.html --junit report.xml
              assay show 1a2b3c4d --markdown
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var groups: GroupOptions
    @OptionGroup var report: ReportOptions

    @Option(help: ArgumentHelp("Show the answers of this exchange side by side.", valueName: "id"))
    var exchange: String?
    @Option(
        help: ArgumentHelp(
            "Only the groups that a check of the policy in force looks at.", valueName: "id"))
    var check: String?
    @Argument(help: "Digits of the digest of evidence or of a verdict.") var document: String

    func validate() throws {
        guard !report.isAny || exchange == nil && groups.group == nil else {
            throw ValidationError(
                "--html, --junit and --markdown show a whole document; leave --exchange and --group out"
            )
        }
        guard exchange == nil || groups.group == nil else {
            throw ValidationError("--exchange and --group are two views; give one")
        }
        guard !(report.markdown && global.json) else {
            throw ValidationError("--markdown and --json are two forms; give one")
        }
    }

    func run() throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openStore()
        let found = try StoredDocument(store: store).open(document)
        if report.isAny {
            let contents = try PageBuilder(store: store).contents(
                of: found, selection: try selection(workspace))
            return try report.write(contents, output: output)
        }
        let views = found.evidence.map {
            EvidenceView(store: store, digest: $0.digest, evidence: $0.evidence)
        }
        let isSelective = groups.isSelective || check != nil
        if exchange != nil || groups.group != nil || isSelective { try found.requireEvidence() }
        if let exchange { return try show(exchange, found.evidence.map(\.evidence), store, output) }
        if let number = groups.group { return try show(group: number, of: views, output) }
        if output.isJSON, !isSelective { return output.result(found.document) }
        let selection = try selection(workspace)
        for view in views {
            try view.show(
                selection, limit: groups.limit, after: groups.afterGroup, output: output)
        }
        if let verdict = found.verdict, !output.isJSON {
            show(verdict, absent: found.absent, output)
        }
    }

    private func show(
        _ found: StoredDocument.OpenVerdict, absent: [Digest], _ output: Output
    ) {
        PageBuilder.about(found, absent: absent).forEach(output.result)
        JudgementReport(found.judgement, style: output.style).lines.forEach(output.result)
    }

    private func show(group number: Int, of views: [EvidenceView], _ output: Output) throws {
        guard let view = views.first, views.count == 1 else {
            let names = views.map(\.digest.short).joined(separator: ", ")
            throw AssayError(
                .usage, "the verdict has \(views.count) evidences, and --group means one of them",
                hint: views.isEmpty ? "show another verdict" : "show one of \(names)")
        }
        let page = try view.page(number, limit: groups.limit, after: groups.after)
        if output.isJSON { return output.result(page.json) }
        page.lines(style: output.style).forEach(output.result)
    }

    private func show(
        _ exchange: String, _ evidence: [Evidence], _ store: Store, _ output: Output
    ) throws {
        for item in evidence {
            guard let example = try EvidenceBlobs.example(exchange, of: item, store: store) else {
                continue
            }
            if output.isJSON {
                return output.result([
                    "exchange": JSONValue(exchange), "arms": .object(example.arms),
                ])
            }
            let view = ExampleView(store: store, style: output.style)
            let hasBaseline = example.arms["baseline"] != nil
            for comparison: ExchangeOutcome.Comparison in hasBaseline
                ? [.identity, .effect] : [.effect]
            {
                try view.pair(exchange, of: item, comparison: comparison)?.lines(
                    style: output.style
                ).forEach(output.result)
            }
            return
        }
        throw AssayError(
            .notFound, "the answers of exchange \(exchange) were not kept as an example",
            hint: "the groups of `assay show` name exchanges whose answers were")
    }

    /// The groups that were asked for, those of a check of the policy in force among them.
    private func selection(_ workspace: Workspace) throws -> GroupSelection {
        var selection = try groups.selection
        guard let check else { return selection }
        let policy = try PolicySource(workspace: workspace).find(file: nil, revision: nil).policy
        guard let found = policy.check(named: check) else {
            throw AssayError(
                .notFound, "the policy has no check \(check)",
                hint: "it has \(policy.checks.map(\.id).joined(separator: ", "))")
        }
        let wanted: ExchangeOutcome.Comparison = found.kind == .identity ? .identity : .effect
        guard selection.comparison == nil || selection.comparison == wanted else {
            throw AssayError(
                .usage,
                "check \(check) looks at \(wanted.rawValue), and --comparison asks for another")
        }
        selection.comparison = wanted
        return selection
    }
}
