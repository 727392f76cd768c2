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
        abstract: "Print evidence or a verdict; one exchange side by side.",
        discussion: """
            Examples:
              assay show 1a2b3c4d
              assay show 1a2b3c4d --exchange 0f3c9ad2e1b7c6d5
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Show the answers of this exchange side by side.", valueName: "id"))
    var exchange: String?
    @Option(
        help: ArgumentHelp(
            "Only the groups that a slice shows, as carrier=HA.", valueName: "field=value"))
    var slice: String?
    @Option(
        help: ArgumentHelp(
            "Only the groups that a check of the policy in force looks at.", valueName: "id"))
    var check: String?
    @Argument(help: "Digits of the digest of evidence or of a verdict.") var document: String

    func run() throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openStore()
        switch try StoredDocument(store: store).find(document) {
        case .evidence(let digest, let evidence):
            if let exchange { return try show(exchange, [evidence], store, output) }
            if output.isJSON { return output.result(evidence.json) }
            EvidenceReport(try filtered(evidence), digest: digest, style: output.style).lines
                .forEach(output.result)
        case .verdict(let verdict):
            let judgement = try Judgement(
                JSONReader(
                    verdict.judgement, document: "verdict \(verdict.digest.short)"))
            let evidence = try judgement.evidence.map {
                try EvidenceBlobs.evidence($0.digest, store: store)
            }
            if let exchange { return try show(exchange, evidence, store, output) }
            if output.isJSON { return output.result(verdict.document) }
            for (item, source) in zip(evidence, judgement.evidence) {
                EvidenceReport(try filtered(item), digest: source.digest, style: output.style).lines
                    .forEach(output.result)
            }
            let place = verdict.policyCommit.map { "at commit \($0.prefix(12))" } ?? "of a file"
            output.result(
                "policy \(judgement.policySource) \(place), sha256 \(judgement.policy.short)")
            output.result("verdict of \(UTCTime.text(verdict.time)), not signed")
            JudgementReport(judgement, style: output.style).lines.forEach(output.result)
        }
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
            let left = example.arms["baseline"] == nil ? "recorded" : "baseline"
            let view = ExampleView(store: store, style: output.style)
            if left == "baseline" {
                try view.lines(exchange, evidence: item, old: "recorded", new: left).forEach(
                    output.result)
            }
            try view.lines(exchange, evidence: item, old: left, new: "candidate").forEach(
                output.result)
            return
        }
        throw AssayError(
            .notFound, "the answers of exchange \(exchange) were not kept as an example",
            hint: "the groups of `assay show` name exchanges whose answers were")
    }

    /// The evidence with only the groups that were asked for.
    private func filtered(_ evidence: Evidence) throws -> Evidence {
        var evidence = evidence
        if let slice {
            let parts = slice.split(separator: "=", maxSplits: 1).map { String($0) }
            guard parts.count == 2 else {
                throw AssayError(.usage, "--slice takes FIELD=VALUE, not \(slice)")
            }
            evidence.groups = evidence.groups.filter { ($0.slices[parts[0]]?[parts[1]] ?? 0) > 0 }
        }
        if let check {
            let workspace = try global.openWorkspace()
            let policy = try PolicySource(workspace: workspace).find(file: nil, revision: nil)
                .policy
            guard let found = policy.check(named: check) else {
                throw AssayError(
                    .notFound, "the policy has no check \(check)",
                    hint: "it has \(policy.checks.map(\.id).joined(separator: ", "))")
            }
            let wanted: ExchangeOutcome.Comparison =
                found.kind == .identity ? .identity : .effect
            evidence.groups = evidence.groups.filter { $0.comparison == wanted }
        }
        return evidence
    }
}
