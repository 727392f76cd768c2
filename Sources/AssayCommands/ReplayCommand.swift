import ArgumentParser
import AssayBundling
import AssayCapture
import AssayCore
import AssayEvidence
import AssayGate
import AssayReports

/// `assay replay`: makes evidence.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replay a capture against a bundle and keep the evidence.",
        discussion: """
            Answers are compared by `compare` of the policy in force, or exactly with --exact. Exit 1 \
            if answers differ because of the change.

            Examples:
              assay replay HEAD --capture core --baseline stage/prod
              assay replay HEAD --capture core --sample 500 --speed 2
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var replay: ReplayOptions

    @Option(help: ArgumentHelp("The capture's name or id.", valueName: "capture")) var capture:
        String
    @Option(
        help: ArgumentHelp(
            "The bundle to compare with; none: production's answers.", valueName: "bundle"))
    var baseline: String?
    @Option(
        help: ArgumentHelp(
            "Replay whole sessions until there are so many requests.", valueName: "n"))
    var sample: Int?
    @Flag(help: "Compare everything exactly, without the rules of a policy.") var exact = false
    @Flag(help: "Replay even if the evidence is known.") var fresh = false
    @Argument(help: "An id, a revision or stage/NAME.") var bundle = "HEAD"

    func run() async throws {
        let output = global.output
        if let sample, sample < 1 { throw AssayError(.usage, "--sample takes a number above 0") }
        let workspace = try global.openWorkspace()
        let store = try workspace.openOrCreateStore()
        try await LazyPull(
            workspace: workspace, store: store, output: output, plain: global.plain
        ).prepare([bundle] + [baseline].compactMap { $0 }, captures: [capture])
        let resolver = BundleResolver(workspace: workspace, store: store)
        let candidate = try resolver.resolve(bundle).bundle
        let other = try baseline.map { try resolver.resolve($0).bundle }
        let policy =
            exact
            ? nil : try PolicySource(workspace: workspace).find(file: nil, revision: nil).policy
        let outcome = try await EngineRun(
            workspace: workspace, store: store, options: replay, output: output, plain: global.plain
        ).run(
            candidate: candidate, baseline: other, capture: try Capture.open(capture, store: store),
            name: capture, stage: policy?.baselineStage ?? "prod",
            rules: policy?.comparisonRules ?? ComparisonRules(), sample: sample,
            seed: replay.seed ?? 1, reuse: !fresh)
        if output.isJSON {
            output.result(outcome.evidence.json)
        } else {
            EvidenceReport(outcome.evidence, digest: outcome.digest, style: output.style).lines
                .forEach(output.result)
        }
        let differs = outcome.evidence.groups.contains {
            $0.comparison == .effect && $0.count > $0.noise
        }
        if differs { throw ExitStatus.blocked.asError }
    }
}
