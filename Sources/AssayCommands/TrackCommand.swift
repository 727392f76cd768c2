import ArgumentParser
import AssayBundling
import AssayCore
import SystemPackage

/// `assay track`: pins data and weights that git does not hold.
struct TrackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "track",
        abstract: "Pin data and weights in assay.lock and put them into the store.",
        discussion: """
            Commit assay.lock with the code: a bundle of that commit then needs only the commit and \
            the store. After a checkout of another commit, --restore puts the pinned files back.

            Examples:
              assay track model/model.txt data/
              assay track --status
              assay track --restore
              assay track --restore model/model.txt --force
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Say which pinned files changed since they were pinned.")
    var status = false
    @Flag(help: "Put pinned files back as assay.lock has them; without a path, all.")
    var restore = false
    @Flag(help: "With --restore: replace changed files whose bytes are nowhere else.")
    var force = false

    @Argument(help: ArgumentHelp("Files and directories.", valueName: "path"))
    var paths: [String] = []

    func validate() throws {
        guard !(status && restore) else {
            throw ValidationError("--status and --restore exclude each other")
        }
        guard restore || !force else { throw ValidationError("--force goes with --restore") }
    }

    func run() async throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        if status { return try showStatus(workspace, output) }
        if restore { return try await putBack(workspace, output) }
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

    private func putBack(_ workspace: Workspace, _ output: Output) async throws {
        let relative = try paths.map { try workspace.servicePath(of: FilePath($0)) }
        let store = try workspace.openOrCreateStore()
        let pins = try Pinning.pins(
            directory: workspace.servicePath, repository: workspace.repository)
        let wanted = try Pinning.wanted(
            relative, directory: workspace.servicePath, repository: workspace.repository,
            store: store)
        try await LazyPull(
            workspace: workspace, store: store, output: output, plain: global.plain
        ).prepare(wanted, of: pins)
        let done = try Pinning.restore(
            relative, directory: workspace.servicePath, repository: workspace.repository,
            store: store, force: force
        ) { file in
            if output.isJSON {
                output.result(["path": JSONValue(file.path), "size": JSONValue(file.size)])
            } else {
                output.result("restored \(file.path) (\(ByteCount(file.size)))")
            }
        }
        if done.isEmpty { output.note("every tracked file is as assay.lock has it") }
    }
}
