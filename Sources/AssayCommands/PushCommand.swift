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
            git remote. Only what is missing there moves, so that a push that broke off goes on. Evidence \
            holds answers of production, so that it travels only where it is named.

            Examples:
              assay push
              assay push stage/prod capture/core
              assay push evidence/1a2b3c4d
              assay push --all
              assay push --only git
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: TransferOptions
    @Flag(help: "Push every bundle of this service and every capture.") var all = false
    @Flag(help: "Ask for every blob, also of what the registry lists already.") var check = false
    @Argument(
        help: "Bundles (an id, a revision, stage/NAME), capture/NAME, and evidence/DIGITS.")
    var names: [String] = []

    func validate() throws {
        guard !all || names.isEmpty else { throw ValidationError("--all leaves no names to give") }
        guard options.only != .git || !check else {
            throw ValidationError("--check asks a registry, and --only git leaves it out")
        }
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
            try await RegistryConnection.with(
                remote: options.remote, workspace: workspace, store: store, output: output,
                plain: global.plain, asking: check
            ) { connection in
                for item in items {
                    switch item {
                    case .bundle(let bundle): output.tell(try await connection.push(bundle))
                    case .pins(let pins):
                        if let moved = try await connection.push(pins: pins) { output.tell(moved) }
                    case .capture(let name):
                        output.tell(try await connection.push(capture: name, force: force))
                    case .evidence(let digest):
                        output.tell(try await connection.push(evidence: digest))
                    }
                }
            }
        }
        if options.movesReferences {
            try await ReferenceSharing(
                workspace: workspace, output: output, isRequired: options.only == .git
            ).push(to: options.git)
        }
    }

    /// One thing to push.
    private enum Item: Sendable {
        case bundle(Bundle)
        case pins(PinFile)
        case capture(String)
        case evidence(Digest)
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
                try RefName.check(name)
                items.append(.capture(String(name.dropFirst("capture/".count))))
                continue
            }
            if name.hasPrefix("evidence/") {
                items.append(.evidence(try evidence(name, store)))
                continue
            }
            let found = try resolver.resolve(name)
            items.append(.bundle(found.bundle))
            items += try pins(of: found.bundle, at: found.commit, workspace, store)
        }
        return items
    }

    private func evidence(_ name: String, _ store: Store) throws -> Digest {
        guard case .evidence(let digest, _) = try StoredDocument(store: store).find(name) else {
            throw AssayError(
                .usage, "\(name) is a verdict, which travels with its bundle",
                hint: "see what it was made from with `assay show`")
        }
        return digest
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
