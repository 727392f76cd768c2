import ArgumentParser
import AssayBundling
import AssayCore
import AssayGit
import AssayPromotion
import AssayRegistry
import AssayStore

/// `assay pull`: brings here what others pushed.
struct PullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract:
            "Bring bundles, captures, verdicts and the ledger from a registry and a git remote.",
        discussion: """
            Without names: what the assay.lock of HEAD pins, so that its bundle can be built. Of a \
            revision: its pinned files, its bundle and the verdicts on it. Everything is checked \
            against its digest before it is kept, and what is here already is not fetched.

            Examples:
              assay pull
              assay pull stage/prod capture/core
              assay pull HEAD --component data
              assay pull evidence/1a2b3c4d
              assay pull --only git
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: TransferOptions
    @Option(
        help: ArgumentHelp(
            "Of bundles, HEAD's unless named, only the files of this component; the bundle itself is not named then.",
            valueName: "name"))
    var component: String?
    @Flag(help: "Pull every bundle and every capture of the registry.") var all = false
    @Argument(
        help: "Bundles (an id, a revision, stage/NAME), capture/NAME, and evidence/DIGITS.")
    var names: [String] = []

    func validate() throws {
        guard !all || names.isEmpty else { throw ValidationError("--all leaves no names to give") }
        guard component == nil || options.only != .git else {
            throw ValidationError("--component is a part of a bundle, and --only git moves none")
        }
        if component != nil,
            let other = names.first(where: {
                $0.hasPrefix("capture/") || $0.hasPrefix("evidence/")
            })
        {
            throw ValidationError("--component is a part of a bundle, and \(other) is none")
        }
        guard options.only != .git || (names.isEmpty && !all) else {
            throw ValidationError("--only git moves no bundles and captures, so none can be named")
        }
        if let component, !BundleConfig.componentNames.contains(component) {
            throw ValidationError(
                "`\(component)` is no component; they are "
                    + BundleConfig.componentNames.joined(separator: ", "))
        }
    }

    func run() async throws {
        let output = global.output
        let workspace = try Workspace.open(global, from: try global.workingDirectory)
        if options.movesReferences {
            try await ReferenceSharing(
                workspace: workspace, output: output, isRequired: options.only == .git
            ).pull(from: options.git)
        }
        guard options.movesBlobs else { return }
        let store = try workspace.openOrCreateStore()
        let wishes = try wishes(workspace)
        let (all, force, component) = (self.all, options.force, self.component)
        try await RegistryConnection.with(
            remote: options.remote, workspace: workspace, store: store, output: output,
            plain: global.plain
        ) { connection in
            var wishes = wishes
            if all {
                wishes = try await connection.everything(captures: component == nil)
                if wishes.isEmpty {
                    let kinds = component == nil ? "no bundles and no captures" : "no bundles"
                    output.note("registry \(connection.client.location) has \(kinds)")
                }
            }
            for wish in wishes {
                let moved = try await connection.pull(wish, component: component, force: force)
                moved.forEach(output.tell)
            }
        }
    }

    private func wishes(_ workspace: Workspace) throws -> [PullWish] {
        if all { return [] }
        if names.isEmpty, component == nil {
            let commit = try workspace.repository.resolve("HEAD")
            return [.pins(try pins(at: commit, workspace))]
        }
        return try (names.isEmpty ? ["HEAD"] : names).map { name in
            if name.hasPrefix("capture/") {
                try RefName.check(name)
                return .capture(String(name.dropFirst("capture/".count)))
            }
            if name.hasPrefix("evidence/") {
                return .evidence(try StoredDocument.digits(of: name))
            }
            if name.hasPrefix("stage/") {
                let stage = String(name.dropFirst("stage/".count))
                let service = try workspace.definition().name
                guard
                    let entry = try Ledger(repository: workspace.repository).current(
                        service: service, stage: stage)
                else {
                    throw AssayError(
                        .notFound, "nothing is promoted to \(stage) of \(service)",
                        hint:
                            "fetch the ledger with `assay pull --only git`, and see `assay status`")
                }
                return .bundle(entry.bundle.hex)
            }
            do throws(AssayError) {
                let commit = try workspace.repository.resolve(name)
                return .revision(
                    name, commit, try pins(at: commit, workspace), root: workspace.root,
                    directory: workspace.servicePath)
            } catch {
                let digits = name.hasPrefix("sha256:") ? String(name.dropFirst(7)) : name
                guard error.code == .notFound, (6...64).contains(digits.utf8.count),
                    digits.allSatisfy(\.isHexDigit)
                else { throw error }
                return .bundle(digits.lowercased())
            }
        }
    }

    private func pins(at commit: CommitID, _ workspace: Workspace) throws(AssayError) -> PinFile {
        try PinArtifact.pins(
            at: commit, directory: workspace.servicePath, repository: workspace.repository)
    }
}
