import ArgumentParser
import AssayCore
import AssayEvidence
import AssayReplay

/// `assay replay merge`: joins the evidence of all shards of one replay.
struct ReplayMergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Join the evidence of all shards of one replay.",
        discussion: """
            Gives the evidence that one replay of the whole would have given, but for timing. Shards do \
            not send their differences again; that is done here, once, over all of them: fresh processes \
            of both bundles are started. What a shard left is replayed.

            Example:
              assay replay merge 1a2b3c4d5e6f 6f5e4d3c2b1a
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var replay: ReplayOptions

    @Argument(help: "Digits of the digest of each shard's evidence.") var evidence: [String]

    func run() async throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openStore()
        var shards: [EngineRun.Outcome] = []
        for name in evidence {
            guard
                case .evidence(let digest, let found) = try StoredDocument(store: store).find(name)
            else { throw AssayError(.usage, "\(name) is a verdict, not evidence") }
            shards.append(EngineRun.Outcome(evidence: found, digest: digest))
        }
        let policy = try PolicySource(workspace: workspace).find(file: nil, revision: nil).policy
        let outcome = try await EngineRun(
            workspace: workspace, store: store, options: replay, output: output,
            plain: global.plain
        ).merge(shards, stage: policy.baselineStage)
        try ReplayRunCommand.show(outcome, output)
    }
}
