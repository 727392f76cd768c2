import ArgumentParser

/// The options that `assay push` and `assay pull` share.
struct TransferOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The registry, if several are known.", valueName: "name"))
    var remote: String?

    @Option(
        help: ArgumentHelp(
            "The git remote of the ledger and the verdicts; default: origin, or the only one.",
            valueName: "name"))
    var git: String?

    @Option(help: ArgumentHelp("Move only this: registry or git.", valueName: "part"))
    var only: Part?

    @Flag(help: "Replace a capture of the same name that is another.") var force = false

    /// A half of what travels.
    enum Part: String, ExpressibleByArgument, CaseIterable { case registry, git }

    func validate() throws {
        guard only != .git || remote == nil else {
            throw ValidationError("--remote names a registry, and --only git leaves it out")
        }
        guard only != .registry || git == nil else {
            throw ValidationError("--git names a git remote, and --only registry leaves it out")
        }
    }

    var movesBlobs: Bool { only != .git }
    var movesReferences: Bool { only != .registry }
}
