import ArgumentParser
import AssayBundling
import AssayCore
import AssayGit
import AssayPromotion

/// `assay rollback`: gives a stage back the last good bundle.
struct RollbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Give a stage back the bundle that it had before.",
        discussion: """
            Without --to-bundle the last bundle that was promoted there and not rolled back from. \
            With it, any that was: one that the stage was rolled back from needs a promotion. The change is a new entry of the ledger; nothing is rewritten.

            Example:
              assay rollback prod --reason "late predictions at EWR"
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("An earlier bundle of the stage.", valueName: "bundle"))
    var toBundle: String?
    @Option(help: ArgumentHelp("Why, for the record.", valueName: "text")) var reason: String?
    @Argument(help: "The stage.") var stage: String

    func run() throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openOrCreateStore()
        let resolver = BundleResolver(workspace: workspace, store: store)
        let target = try toBundle.map { try resolver.resolve($0).bundle.id }
        let author = try workspace.repository.defaultSignature(time: Workspace.now())
        let outcome = try Ledger(repository: workspace.repository).rollback(
            service: try resolver.serviceName(), stage: stage, to: target, reason: reason,
            by: author)
        try PromoteCommand.tell(outcome, verb: "rolled back", output)
    }
}
