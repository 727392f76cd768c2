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
    @Argument(help: "Digits of the digest of evidence or of a verdict.") var document: String

    func run() throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openStore()
        switch try StoredDocument(store: store).find(document) {
        case .evidence(_, let evidence):
            if let exchange { return try show(exchange, [evidence], store, output) }
            if output.isJSON { return output.result(evidence.json) }
            EvidenceReport(evidence).lines.forEach(output.result)
        case .verdict(let verdict):
            let judgement = try Judgement(
                verdict.judgement, document: "verdict \(verdict.digest.short)")
            let evidence = try judgement.evidence.map {
                try EvidenceBlobs.evidence($0.digest, store: store)
            }
            if let exchange { return try show(exchange, evidence, store, output) }
            if output.isJSON { return output.result(verdict.document) }
            for item in evidence { EvidenceReport(item).lines.forEach(output.result) }
            output.result("policy \(judgement.policySource), sha256 \(judgement.policy.short)")
            output.result("verdict of \(UTCTime.text(verdict.time)), not signed")
            JudgementReport(judgement).lines.forEach(output.result)
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
            let view = ExampleView(store: store)
            if left == "baseline" {
                try view.lines(exchange, evidence: item, left: "recorded", right: left).forEach(
                    output.result)
            }
            try view.lines(exchange, evidence: item, left: left, right: "candidate").forEach(
                output.result)
            return
        }
        throw AssayError(
            .notFound, "the answers of exchange \(exchange) were not kept as an example",
            hint: "the groups of `assay show` name exchanges whose answers were")
    }
}
