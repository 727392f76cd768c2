import ArgumentParser
import AssayBundling
import AssayCore
import AssayGit
import AssayPromotion
import AssayStore

/// `assay push`: brings bundles, captures, verdicts and the ledger to others.
struct PushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract:
            "Bring bundles, captures, verdicts and the ledger to a registry and a git remote.",
        discussion: """
            Without names: the bundle of HEAD. A bundle travels with its verdicts, and with the files \
            that the commit's assay.lock pins. The ledger and the verdicts of the repository go to the \
            git remote. Only what is missing there moves, so that a push that broke off goes on.

            Examples:
              assay push
              assay push stage/prod capture/core
              assay push --all
              assay push --only git
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: TransferOptions
    @Flag(help: "Push every bundle of this service and every capture.") var all = false
    @Argument(help: "Bundles (an id, a revision, stage/NAME) and captures (capture/NAME).")
    var names: [String] = []

    func validate() throws {
        guard !all || names.isEmpty else { throw ValidationError("--all leaves no names to give") }
        guard options.only != .git || (names.isEmpty && !all) else {
            throw ValidationError("--only git moves no bundles and captures, so none can be named")
        }
    }

    func run() async throws {
        let output = global.output
        let workspace = try Workspace.open(global, from: try global.workingDirectory)
        if options.movesBlobs {
            let store = try workspace.openOrCreateStore()
            let items = try items(workspace, store)
            let force = options.force
            let lines = try await RegistryConnection.with(
                remote: options.remote, workspace: workspace, store: store, output: output,
                plain: global.plain
            ) { connection in
                var lines: [String] = []
                for item in items {
                    switch item {
                    case .bundle(let bundle): lines.append(try await connection.push(bundle))
                    case .pins(let pins):
                        lines += [try await connection.push(pins: pins)].compactMap { $0 }
                    case .capture(let name):
                        lines.append(try await connection.push(capture: name, force: force))
                    }
                }
                return lines
            }
            for line in lines { output.result(line) }
        }
        if options.movesReferences {
            try await ReferenceSharing(workspace: workspace, output: output).push(to: options.git)
        }
    }

    /// One thing to push.
    private enum Item: Sendable {
        case bundle(Bundle)
        case pins(PinFile)
        case capture(String)
    }

    private func items(_ workspace: Workspace, _ store: Store) throws -> [Item] {
        let resolver = BundleResolver(workspace: workspace, store: store)
        var items: [Item] = []
        var names = self.names
        if all {
            let service = try workspace.definition().name
            for entry in try BundleCatalog.list(service: service, store: store) {
                let bundle = try BundleCatalog.open(id: entry.id, service: service, store: store)
                if bundle.isDirty {
                    global.output.note(
                        "bundle \(bundle.id.short) was built from changed files and stays here")
                } else {
                    items.append(.bundle(bundle))
                    items += try pins(of: bundle, at: nil, workspace, store)
                }
            }
            names = try store.refs(in: "capture").map(\.name)
        } else if names.isEmpty {
            names = ["HEAD"]
        }
        for name in names {
            if name.hasPrefix("capture/") {
                items.append(.capture(String(name.dropFirst("capture/".count))))
                continue
            }
            let found = try resolver.resolve(name)
            items.append(.bundle(found.bundle))
            items += try pins(of: found.bundle, at: found.commit, workspace, store)
        }
        return items
    }

    /// What the `assay.lock` of a bundle's commit pins, where the commit and the contents are here.
    private func pins(
        of bundle: Bundle, at commit: CommitID?, _ workspace: Workspace, _ store: Store
    ) throws -> [Item] {
        let known =
            try commit
            ?? bundle.commits.compactMap { (text) throws -> CommitID? in
                do throws(AssayError) { return try workspace.repository.resolve(text) } catch {
                    guard error.code == .notFound else { throw error }
                    return nil
                }
            }.first
        guard let known else { return [] }
        let pins = try PinArtifact.pins(
            at: known, directory: workspace.servicePath, repository: workspace.repository)
        guard try PinArtifact.missing(pins, in: store).isEmpty else { return [] }
        return [.pins(pins)]
    }
}
