import ArgumentParser
import AssayBundling
import AssayCore
import AssayEvidence
import AssayGate
import AssayReplay
import AssayReports

/// `assay judge`: evidence to judgement, without a replay and without a verdict.
struct JudgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge",
        abstract: "Judge evidence by a policy: pure, the same bytes for the same input.",
        discussion: """
            Nothing is kept. Use it to try a policy on evidence that is there.

            Example:
              assay judge 1a2b3c4d --policy gate.yaml --to staging
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The policy's file.", valueName: "file")) var policy: String?
    @Option(help: ArgumentHelp("The stage.", valueName: "stage")) var to: String
    @Option(
        help: ArgumentHelp("The name of the evidence's capture in the policy.", valueName: "name"))
    var capture: String?
    @Argument(help: "Digits of the evidence's digest.") var evidence: String

    func run() throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openStore()
        guard
            case .evidence(let digest, let evidence) = try StoredDocument(store: store).find(
                self.evidence)
        else {
            throw AssayError(.usage, "\(self.evidence) is a verdict, not evidence")
        }
        let found = try PolicySource(workspace: workspace).find(file: policy, revision: nil)
        func bundle(_ arm: String) throws -> Bundle? {
            guard let id = evidence.arms.first(where: { $0.name == arm })?.bundle else {
                return nil
            }
            return try BundleCatalog.open(id: id, service: evidence.service, store: store)
        }
        guard let candidate = try bundle("candidate") else {
            throw AssayError(
                .usage, "evidence \(digest.short) is not of a bundle, and only bundles are judged",
                hint: "replay the bundle itself with `assay replay`")
        }
        let baseline = try bundle("baseline")
        let changes = try BundleChanges(baseline, candidate, store: store)
        let name = capture ?? evidence.capture.name
        let ref = found.policy.captures.first { $0.name == name || $0.ref == name }?.ref ?? name
        let judgement = AssayGate.judge(
            JudgeInput(
                policy: found.policy, stage: try found.policy.stage(named: to),
                service: evidence.service, candidate: candidate.id, baseline: baseline?.id,
                changed: changes.changed, changes: changes.lines,
                evidence: [
                    ref: .init(
                        evidence: evidence, digest: digest,
                        rows: try EvidenceBlobs.rows(evidence, store: store))
                ], absentCaptures: Set(found.policy.captures.map(\.ref)).subtracting([ref]),
                tool: ToolVersion.text))
        if output.isJSON {
            output.result(judgement.json)
        } else {
            JudgementReport(judgement, style: output.style).lines.forEach(output.result)
        }
        try GateCommand.end(judgement.decision)
    }
}
