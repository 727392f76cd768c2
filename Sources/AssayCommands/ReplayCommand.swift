import ArgumentParser
import AssayBundling
import AssayCapture
import AssayCore
import AssayEvidence
import AssayGate
import AssayReplay
import AssayReports

/// `assay replay`: makes evidence; without a subcommand it runs a replay.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replay a capture against a bundle and keep the evidence.",
        subcommands: [ReplayRunCommand.self, ReplayMergeCommand.self],
        defaultSubcommand: ReplayRunCommand.self)
}

/// `assay replay run`: replays a capture.
struct ReplayRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Replay a capture against a bundle and keep the evidence.",
        discussion: """
            Answers are compared by `compare` of the policy in force, or exactly with --exact. Exit 1 \
            if answers differ because of the change. A replay of bundles that was stopped goes on where it \
            was when the same command is given again, without --fresh.

            Examples:
              assay replay HEAD --capture core --baseline stage/prod
              assay replay HEAD --capture core --sample 500 --speed 2
              assay replay HEAD --capture core --shard 2/8
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
    @Option(
        help: ArgumentHelp(
            "Replay one part of several, by whole sessions: 2/8, or auto/8 in an array job.",
            valueName: "i/n"))
    var shard: String?
    @Option(help: ArgumentHelp("Repeats of the baseline that show the noise.", valueName: "k"))
    var repeats: Int = 1
    @Option(help: ArgumentHelp("Stop after so many exchanges.", valueName: "n"))
    var maxExchanges: Int?
    @Option(
        help: ArgumentHelp(
            "How often what was replayed is kept, for a run that is killed: 30s, 5m.",
            valueName: "time"))
    var checkpoint: String = "30s"
    @Option(help: ArgumentHelp("Stop sending after so long: 90s, 15m, 2h.", valueName: "time"))
    var maxTime: String?
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
        try await LazyPull(
            workspace: workspace, store: store, output: output, plain: global.plain
        ).prepare([bundle, baseline].compactMap { $0 }, captures: [capture])
        let resolver = BundleResolver(workspace: workspace, store: store)
        let candidate = try self.candidate(resolver)
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
            seed: replay.seed ?? 1, settings: nil,
            extent: try extent(), reuse: !fresh)
        try Self.show(outcome, output)
    }

    /// Prints evidence, and throws the exit code that says whether answers differ.
    static func show(_ outcome: EngineRun.Outcome, _ output: Output) throws {
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

    private func extent() throws -> EngineRun.Extent {
        if let maxExchanges, maxExchanges < 1 {
            throw AssayError(.usage, "--max-exchanges takes a number above 0")
        }
        guard repeats > 0 else { throw AssayError(.usage, "--repeats takes a number above 0") }
        return EngineRun.Extent(
            shard: try shard.map {
                try ReplayShard($0, environment: ProcessEnvironment.current)
            },
            maximumExchanges: maxExchanges,
            maximumTime: try maxTime.map { try Self.duration($0, of: "--max-time") },
            checkpointEvery: try Self.duration(checkpoint, of: "--checkpoint"),
            repeats: repeats)
    }

    /// A duration as in 90s, 15m or 2h.
    private static func duration(_ text: String, of option: String) throws -> Duration {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Double(text.dropLast()),
            number > 0, number < 1e7
        else {
            throw AssayError(.usage, "\(option) takes a time such as 90s, 15m or 2h, not \(text)")
        }
        return .milliseconds(Int64(number * unit * 1000))
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
