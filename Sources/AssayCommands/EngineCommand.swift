import ArgumentParser
import AssayCore
import AssayEvidence
import AssayReplay
import AssayStore
import AssaySystem
import SystemPackage

/// `assay engine`: runs a replay by a plan. Started by the other commands, inside the sandbox.
struct EngineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine", abstract: "Run a replay by a plan file.", shouldDisplay: false)

    @OptionGroup var global: GlobalOptions

    @Option var plan: String
    @Option var result: String

    func run() async throws {
        LargeBlocks.giveBack()
        let output = global.output
        let bytes = try FileSystem.read(FilePath(plan), limit: 64 << 20)
        let plan = try ReplayPlan.parse(bytes, name: plan)
        let store = try Store.open(at: plan.store)
        // The plan's runs are in `.assay` of the service.
        let service = plan.runs.removingLastComponent().removingLastComponent()
        let key = try CaptureRules.redactionKey(of: Workspace.open(global, from: service))
        let line = ProgressLine(output: output, plain: global.plain)
        let interruption = Interruption()
        do {
            let evidence = try await interruption.guarding {
                try await ReplayEngine.run(
                    plan, store: store, environment: ProcessEnvironment.current,
                    redactionKey: key
                ) {
                    line.update(Self.text($0))
                }
            }
            line.finish()
            let digest = try store.put(evidence.encode())
            try FileSystem.replace(FilePath(result), with: Array("\(digest)".utf8))
        } catch {
            line.finish()
            if interruption.wasAsked { throw ExitStatus.interrupted.asError }
            throw error
        }
    }

    private static func text(_ progress: ReplayProgress) -> String {
        let what = [progress.phase.rawValue, progress.arm].compactMap { $0 }.joined(separator: " ")
        var text = "\(what) \(progress.done)/\(progress.total)"
        if progress.rate > 0 { text += ", \(progress.rate.fixed(0)) exchanges/s" }
        if progress.phase == .replaying {
            text += ", differing \(progress.effectDiffering)"
            if progress.identityDiffering > 0 {
                text += ", unlike production \(progress.identityDiffering)"
            }
        }
        let errors = progress.errors.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        if !errors.isEmpty {
            text += ", errors " + errors.map { "\($0.key) \($0.value)" }.joined(separator: " ")
        }
        if let left = progress.timeLeft { text += ", \(words(left)) left" }
        return text
    }

    /// A duration in its two largest units.
    private static func words(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    }
}
