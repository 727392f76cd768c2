import ArgumentParser
import AssayBundling
import AssayCore
import AssayGit
import AssayStore

/// `assay bundle diff`: what differs between two bundles, in the words of each component.
struct BundleDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two bundles by component; exit 1 if they differ.",
        discussion: """
            A summary comes first, a line for each component; then the details: commits and files of \
            the code, keys of settings, columns of tables, tensors and trees of models, packages. \
            Files of a kind that is not understood are compared by their hash, and said to be so.

            Examples:
              assay bundle diff stage/prod HEAD
              assay bundle diff stage/prod HEAD --component weights
              assay bundle diff stage/prod HEAD --patch
            """)

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "Show all of one component: code, data, features, weights, environment or serve.",
            valueName: "name"))
    var component: String?

    @Flag(help: "Print the patch of the code and the feature configuration, and nothing else.")
    var patch = false

    @Argument(help: "An id, a revision or stage/NAME.") var old: String
    @Argument(help: "An id, a revision or stage/NAME.") var new: String

    func run() throws {
        let output = global.output
        if let component, !BundleConfig.componentNames.contains(component) {
            let near = Suggestion.nearest(to: component, among: BundleConfig.componentNames)
            throw AssayError(
                .usage, "`\(component)` is not a component of a bundle",
                hint: near.map { "did you mean `\($0)`?" }
                    ?? "they are \(BundleConfig.componentNames.joined(separator: ", "))")
        }
        let workspace = try global.openWorkspace()
        let store = try workspace.openStore()
        let resolver = BundleResolver(workspace: workspace, store: store)
        let before = try resolver.resolve(old).bundle
        let after = try resolver.resolve(new).bundle
        if patch {
            let diff = try BundleDiff(before, after, store: store)
            output.bytes(Array(try diff.patch(store: store).utf8))
            if before.id != after.id { throw ExitStatus.blocked.asError }
            return
        }
        let diff = try BundleDiff(before, after, store: store, depth: .full)
        let history = try CodeHistory(before, after, repository: workspace.repository)
        let view = BundleDiffView(diff: diff, history: history, only: component)
        if output.isJSON {
            output.result(view.document)
        } else {
            for line in view.lines { output.result(line) }
        }
        if view.differs { throw ExitStatus.blocked.asError }
    }
}
