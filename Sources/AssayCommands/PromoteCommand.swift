import ArgumentParser
import AssayBundling
import AssayCore
import AssayGate
import AssayGit
import AssayPromotion

/// `assay promote`: gives a stage a bundle that has passed its gate.
struct PromoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Give a stage a bundle that passed the gate to it.",
        discussion: """
            Refused (exit 1) without a passing verdict for that bundle and stage by the policy in \
            force, which no option changes, or if the bundle was not in the stage before or was \
            rolled back from it. The change is a commit on refs/assay/ledger; it names the policy and \
            the commit that the policy was read at.

            Example:
              assay promote HEAD --to staging
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The stage.", valueName: "stage")) var to: String
    @Option(help: ArgumentHelp("Why, for the record.", valueName: "text")) var reason: String?
    @Argument(help: "An id, a revision or stage/NAME.") var bundle = "HEAD"

    func run() throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openOrCreateStore()
        let found = try PolicySource(workspace: workspace).find(file: nil, revision: nil)
        let stage = try found.policy.stage(named: to)
        let resolved = try BundleResolver(workspace: workspace, store: store).resolve(bundle)
        try found.check(resolved.bundle)
        guard !resolved.bundle.isDirty else {
            throw AssayError(
                .usage,
                "bundle \(resolved.bundle.id.short) was built from changed files and cannot be promoted",
                hint: "commit them and gate the commit")
        }
        for rule in stage.unenforced(by: ["evidence_max_age"]) {
            output.warning("`\(rule)` of stage \(stage.name) is not enforced by this version")
        }
        let author = try workspace.repository.defaultSignature(time: Workspace.now())
        let outcome = try Ledger(repository: workspace.repository).promote(
            PromotionRequest(
                service: resolved.bundle.service, bundle: resolved.bundle.id,
                manifest: resolved.bundle.manifest, stage: stage.name, from: stage.from,
                policy: found.policy.digest,
                policyCommit: try found.commit(in: workspace)?.description,
                maximumAge: stage.aged.maximumAge, commit: resolved.commit?.description,
                reason: reason),
            by: author)
        try PromoteCommand.tell(outcome, verb: "promoted", output)
    }

    /// Prints what came of it; a refusal ends with exit 1.
    static func tell(_ outcome: PromotionOutcome, verb: String, _ output: Output) throws {
        switch outcome {
        case .promoted(let entry):
            output.isJSON
                ? output.result(entry.document)
                : output.result(
                    "\(verb): \(entry.stage) of \(entry.service) has bundle \(entry.bundle.short) now"
                )
        case .already(let entry):
            output.isJSON
                ? output.result(entry.document)
                : output.result(
                    "\(entry.stage) of \(entry.service) has bundle \(entry.bundle.short) already")
        case .refused(let reasons):
            if output.isJSON {
                output.result(["schema": "assay/refusal/v1", "reasons": JSONValue(reasons)])
            } else {
                reasons.forEach { output.result("✗ \($0)") }
                output.result("refused; nothing was changed")
            }
            throw ExitStatus.blocked.asError
        }
    }
}
