import ArgumentParser
import AssayBundling
import AssayCore
import AssayEvidence
import AssayGate
import AssayPromotion
import AssayReports
import AssayStore

/// `assay gate`: bundle, replay and judge in one go.
struct GateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Bundle a revision, replay traffic against it, judge it for a stage.",
        discussion: """
            The policy is read from the protected branch, not from the candidate. Exit 0: passed, \
            1: blocked, 3: on hold. The verdict is kept on refs/assay/verdicts; promote with it.

            Examples:
              assay gate HEAD --to staging
              assay gate 1a2b3c4d5e6f --to prod --json
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var replay: ReplayOptions

    @Option(help: ArgumentHelp("The stage.", valueName: "stage")) var to: String
    @Option(help: ArgumentHelp("Take the policy from this file.", valueName: "file")) var policy:
        String?
    @Option(help: ArgumentHelp("Take the policy from this revision.", valueName: "rev"))
    var policyFrom: String?
    @Flag(help: "Replay even if the evidence is known.") var fresh = false
    @Argument(help: "An id, a revision or stage/NAME.") var bundle = "HEAD"

    func run() async throws {
        guard replay.confirm > 0 else {
            throw AssayError(
                .usage, "a gate needs confirmation, and --confirm is \(replay.confirm)",
                hint: "leave --confirm out, or give 1 or more")
        }
        guard replay.seed == nil else {
            throw AssayError(
                .usage, "a gate draws its sample by the policy, and --seed would choose another",
                hint: "set `stats: {resample: {seed: …}}` in gate.yaml, or use `assay replay`")
        }
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openOrCreateStore()
        let source = PolicySource(workspace: workspace)
        let found = try source.find(file: policy, revision: policyFrom)
        let stage = try found.policy.stage(named: to)
        try await LazyPull(
            workspace: workspace, store: store, output: output, plain: global.plain
        ).prepare(
            [bundle, "stage/\(found.policy.baselineStage)"],
            captures: found.policy.captures(of: stage).map(\.ref))
        let resolved = try BundleResolver(workspace: workspace, store: store).resolve(bundle)
        output.note("bundle \(resolved.bundle.id.short), policy \(found.source)")
        if let warning = found.warning { output.warning(warning) }
        if let commit = resolved.commit,
            let change = try PolicyChange(
                of: commit, against: found, path: source.path, in: workspace.repository)
        {
            change.lines.forEach(output.note)
        }
        let run = GateRun(
            workspace: workspace, store: store, options: replay, output: output, plain: global.plain
        )
        let outcome = try await run.run(
            resolved.bundle, to: to, by: found, reuse: !fresh)
        if output.isJSON {
            output.result(outcome.verdict.document)
        } else {
            try show(outcome, store: store, output: output)
        }
        try Self.end(outcome.judgement.decision)
    }

    private func show(_ outcome: GateRun.Outcome, store: Store, output: Output) throws {
        let view = ExampleView(store: store, style: output.style)
        let report = JudgementReport(
            outcome.judgement, style: output.style, examples: try view.examples(of: outcome))
        report.lines.forEach(output.result)
        if let last = outcome.earlier.first {
            output.note(
                "attempt \(outcome.verdict.attempt) on this bundle, stage and policy; the one before "
                    + "said \(last)")
        }
        output.note("verdict \(outcome.verdict.digest.short), not signed; see `assay show`")
    }

    /// Ends the command with the exit code of a decision.
    static func end(_ decision: Judgement.Decision) throws {
        switch decision {
        case .pass: return
        case .blocked: throw ExitStatus.blocked.asError
        case .hold: throw ExitStatus.hold.asError
        }
    }
}
