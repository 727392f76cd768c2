import ArgumentParser
import AssayBundling
import AssayCore
import AssayGate
import AssayPromotion

/// `assay verify`: is there a valid verdict? No replay, no network.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Say whether a bundle has a passing verdict for a stage, without a replay.",
        discussion: """
            Exit 0 if it has, 1 if not. Made for hooks: nothing is replayed and no network is used. A \
            bundle that was promoted to the stage, or to one beyond it, by the policy in force counts \
            as passed while the verdict of that promotion holds: it must be there, pass, be young \
            enough and not be followed by one that blocks.

            Example:
              assay verify HEAD --stage dev
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The stage.", valueName: "stage")) var stage: String
    @Option(help: ArgumentHelp("Take the policy from this file.", valueName: "file")) var policy:
        String?
    @Option(help: ArgumentHelp("Take the policy from this revision.", valueName: "rev"))
    var policyFrom: String?
    @Argument(help: "An id, a revision or stage/NAME.") var bundle = "HEAD"

    func run() throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openOrCreateStore()
        let found = try PolicySource(workspace: workspace).find(file: policy, revision: policyFrom)
        let stage = try found.policy.stage(named: self.stage)
        let bundle = try BundleResolver(workspace: workspace, store: store).resolve(self.bundle)
            .bundle
        try found.check(bundle)
        // A stage opens only by a verdict of its own, but what is promoted beyond it has passed more.
        var following: Set<String> = [stage.name]
        var beyond: [Verification.AgedStage] = []
        for later in found.policy.stages where later.from.map(following.contains) ?? false {
            following.insert(later.name)
            beyond.append(later.aged)
        }
        let repository = workspace.repository
        let standing = try Verification(verdicts: VerdictStore(repository: repository)).standing(
            service: bundle.service, bundle: bundle.id, stage: stage.aged, beyond: beyond,
            policy: found.policy.digest, now: Workspace.now(),
            ledger: Ledger(repository: repository))
        if case .good = standing { return tell(true, standing.sentence, output) }
        tell(false, standing.sentence, output)
        output.note("Next: assay gate \(bundle.id.short) --to \(stage.name)")
        throw ExitStatus.blocked.asError
    }

    private func tell(_ isGood: Bool, _ sentence: String, _ output: Output) {
        if output.isJSON {
            output.result([
                "schema": "assay/verify/v1", "good": .bool(isGood), "reason": JSONValue(sentence),
            ])
        } else {
            output.result(sentence)
        }
    }
}
