import ArgumentParser
import AssayBundling
import AssayCore
import SystemPackage

/// `assay track`: pins data and weights that git does not hold.
struct TrackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "track",
        abstract: "Pin data and weights in assay.lock and put them into the store.",
        discussion: """
            Commit assay.lock with the code: a bundle of that commit then needs only the commit and \
            the store.

            Examples:
              assay track model/model.txt data/
              assay track --status
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Say which pinned files changed since they were pinned.")
    var status = false

    @Argument(help: ArgumentHelp("Files and directories.", valueName: "path"))
    var paths: [String] = []

    func run() throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        if status { return try showStatus(workspace, output) }
        guard !paths.isEmpty else {
            throw AssayError(
                .usage, "track needs at least one path", hint: "assay track model/model.txt")
        }
        let outcomes = try Pinning.track(
            paths.map { FilePath($0) }, directory: workspace.servicePath,
            repository: workspace.repository, store: try workspace.openOrCreateStore())
        var lines: [UInt8] = []
        for outcome in outcomes {
            if output.isJSON {
                lines += CanonicalJSON.encode([
                    "path": JSONValue(outcome.path), "change": JSONValue(outcome.kind.rawValue),
                    "size": JSONValue(outcome.size),
                ])
            } else {
                lines += "\(outcome.kind.rawValue) \(outcome.path) (".utf8
                lines += "\(ByteCount(outcome.size)))".utf8
            }
            lines.append(UInt8(ascii: "\n"))
        }
        output.bytes(lines)
        output.note("commit assay.lock together with the code that uses it")
    }

    private func showStatus(_ workspace: Workspace, _ output: Output) throws {
        let states = try Pinning.status(
            directory: workspace.servicePath, repository: workspace.repository,
            store: try workspace.storeIfAny())
        for state in states {
            if output.isJSON {
                output.result(["path": JSONValue(state.path), "state": JSONValue("\(state.state)")])
            } else {
                output.result("\(state.state) \(state.path)")
            }
        }
        if states.isEmpty { output.note("nothing is tracked") }
        if states.contains(where: { $0.state != .unchanged }) { throw ExitStatus.blocked.asError }
    }
}
