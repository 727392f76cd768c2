import ArgumentParser

/// `assay`: every command hangs from here.
struct RootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assay",
        abstract: "Will this candidate answer production's traffic as it should, here and there?",
        discussion: """
            Packs a machine-learning service into a content-addressed bundle, replays captured \
            production traffic against it, and gates its promotion.

            Exit codes: 0 pass or done, 1 blocked or different, 2 bad usage or configuration, 3 hold, \
            4 could not be evaluated, 130 interrupted.

            The options that every command takes (-C, --store, --json, --plain, --color, -q, -v) can also \
            stand before the command: assay -C services/delay status
            """,
        version: ToolVersion.text,
        subcommands: [
            InitCommand.self, TrackCommand.self, BundleCommand.self, EnvCommand.self,
            CaptureCommand.self, ReplayCommand.self, JudgeCommand.self, ShowCommand.self,
            GateCommand.self, VerifyCommand.self, PromoteCommand.self, RollbackCommand.self,
            StatusCommand.self, LogCommand.self, RemoteCommand.self, PushCommand.self,
            PullCommand.self, StoreCommand.self, DoctorCommand.self,
            EngineCommand.self,
        ])
}

/// The version of the tool, which goes into evidence and judgements.
enum ToolVersion {
    static let text = "0.1.0"
}
