import ArgumentParser
import AssayBundling
import AssayCapture
import AssayCore
import AssayEvidence
import AssayGate
import AssayReplay
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
              assay replay --candidate-url http://127.0.0.1:8080 --capture core --isolation process
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
    @Option(
        help: ArgumentHelp(
            "Replay against a service that runs already, instead of a bundle.", valueName: "url"))
    var candidateUrl: String?
    @Flag(help: "Let recorded requests be sent to another machine.") var allowRemote = false
    @Argument(help: "An id, a revision or stage/NAME; HEAD unless given.") var bundle: String?

    func run() async throws {
        let output = global.output
        if let sample, sample < 1 { throw AssayError(.usage, "--sample takes a number above 0") }
        let workspace = try global.openWorkspace()
        let store = try workspace.openOrCreateStore()
        let resolver = BundleResolver(workspace: workspace, store: store)
        let candidate = try self.candidate(resolver)
        let other = try baseline.map { try resolver.resolve($0).bundle }
        let rules =
            exact
            ? ComparisonRules()
            : try PolicySource(workspace: workspace).find(file: nil, revision: nil).policy
                .comparisonRules
        let outcome = try await EngineRun(
            workspace: workspace, store: store, options: replay, output: output, plain: global.plain
        ).run(
            candidate: candidate, baseline: other, capture: try Capture.open(capture, store: store),
            name: capture, rules: rules, sample: sample, routes: nil, reuse: !fresh)
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

    private func candidate(_ resolver: BundleResolver) throws -> EngineRun.Candidate {
        guard let candidateUrl else {
            return .bundle(try resolver.resolve(bundle ?? "HEAD").bundle)
        }
        guard bundle == nil else {
            throw AssayError(.usage, "give either a bundle or --candidate-url, not both")
        }
        return .running(try ServiceAddress(url: candidateUrl, allowsRemote: allowRemote))
    }
}
