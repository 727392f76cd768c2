import ArgumentParser
import AssayBundling
import AssayCore
import AssayGit
import AssayReports
import AssayStore

/// `assay bundle`: content-addressed candidates.
struct BundleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Create, list, compare, check, exchange and serve bundles.",
        subcommands: [
            Create.self, Show.self, List.self, BundleDiffCommand.self, Verify.self,
            BundleExportCommand.self, BundleImportCommand.self, BundleRunCommand.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Build a bundle from a commit and print its id.",
            discussion: """
                Builds from the commit's tree and the pins of assay.lock, never from changed files. \
                The same content gives the same id on any machine.

                Examples:
                  assay bundle create
                  assay bundle create main~2
                  assay bundle create --worktree
                """)

        @OptionGroup var global: GlobalOptions

        @Flag(help: "Build from the work tree as it is; such a bundle cannot be promoted.")
        var worktree = false

        @Argument(help: "The revision.") var revision = "HEAD"

        func run() async throws {
            let output = global.output
            let workspace = try global.openWorkspace()
            let store = try workspace.openOrCreateStore()
            if !worktree {
                try await LazyPull(
                    workspace: workspace, store: store, output: output, plain: global.plain
                ).prepare([revision], captures: [])
            }
            let commit = try workspace.repository.resolve(revision)
            let bundle =
                worktree
                ? try BundleBuilder.buildFromWorkTree(
                    repository: workspace.repository, commit: commit,
                    directory: workspace.servicePath, store: store)
                : try BundleResolver(workspace: workspace, store: store).build(commit)
            if output.isJSON { return output.result(BundleCommand.document(bundle)) }
            output.note(
                "bundle of \(bundle.service) from \(commit.short): \(bundle.files.count) files, "
                    + "\(ByteCount(bundle.size))")
            output.result(bundle.id.hex)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what is in a bundle.",
            discussion: "Example:\n  assay bundle show stage/prod")

        @OptionGroup var global: GlobalOptions

        @Argument(help: "An id, a revision or stage/NAME.") var bundle = "HEAD"

        func run() throws {
            let output = global.output
            let (bundle, _) = try BundleCommand.resolve(self.bundle, global)
            if output.isJSON { return output.result(BundleCommand.document(bundle)) }
            output.result("bundle    \(bundle.id)")
            output.result("manifest  \(bundle.manifest)")
            output.result(
                "service   \(bundle.service)\(bundle.isDirty ? " (dirty, cannot be promoted)" : "")"
            )
            output.result(
                "commits   \(bundle.commits.isEmpty ? "none" : bundle.commits.joined(separator: " "))"
            )
            for component in BundleConfig.componentNames {
                output.result(
                    "\(component.padding(to: 12))  \(bundle.config.digest(of: component).short)")
            }
            let rows = bundle.files.map {
                [
                    $0.path, "\(ByteCount($0.size))", $0.digest.short,
                    bundle.config.component(ofFile: $0.path),
                ]
            }
            for line in TextTable(
                header: ["file", "size", "sha256", "component"], rows: rows, rightAligned: [1]
            ).lines {
                output.result(line)
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the bundles of this service.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let output = global.output
            let workspace = try global.openWorkspace()
            let store = try workspace.openStore()
            let service = try workspace.definition().name
            let bundles = try BundleCatalog.list(service: service, store: store)
            for entry in bundles {
                let bundle = try BundleCatalog.open(id: entry.id, service: service, store: store)
                if output.isJSON {
                    output.result(BundleCommand.document(bundle))
                } else {
                    let commit = bundle.commits.first.map { String($0.prefix(12)) } ?? "no commit"
                    output.result("\(bundle.id.short)  \(commit)  \(ByteCount(bundle.size))")
                }
            }
            if bundles.isEmpty {
                output.note("there is no bundle of \(service); make one with `assay bundle create`")
            }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hash everything in a bundle again and name what is hurt.")

        @OptionGroup var global: GlobalOptions

        @Argument(help: "An id, a revision or stage/NAME.") var bundle = "HEAD"

        func run() throws {
            let output = global.output
            let (bundle, store) = try BundleCommand.resolve(self.bundle, global)
            let damage = try bundle.verify(store: store)
            for item in damage {
                if output.isJSON {
                    output.result([
                        "name": JSONValue(item.name), "digest": JSONValue(item.digest),
                        "error": JSONValue(item.error.description),
                    ])
                } else {
                    output.failure(item.error)
                }
            }
            guard damage.isEmpty else {
                throw AssayError(
                    .damaged, "bundle \(bundle.id.short) is damaged in \(damage.count) places",
                    hint:
                        "mend it with `assay store fsck --full --repair`, then build it again if need be"
                )
            }
            if !output.isJSON {
                output.result("bundle \(bundle.id.short) is whole: \(bundle.files.count) files")
            }
        }
    }

    static func resolve(_ name: String, _ global: GlobalOptions) throws -> (Bundle, Store) {
        let workspace = try global.openWorkspace()
        let store = try workspace.openStore()
        return (try BundleResolver(workspace: workspace, store: store).resolve(name).bundle, store)
    }

    static func document(_ bundle: Bundle) -> JSONValue {
        let files = bundle.files.map { file -> JSONValue in
            [
                "path": JSONValue(file.path), "mode": JSONValue(file.mode.octal),
                "size": JSONValue(file.size), "digest": JSONValue(file.digest),
            ]
        }
        return [
            "schema": "assay/bundle-view/v1", "id": JSONValue(bundle.id),
            "manifest": JSONValue(bundle.manifest), "service": JSONValue(bundle.service),
            "dirty": .bool(bundle.isDirty), "commits": JSONValue(bundle.commits),
            "files": .array(files),
        ]
    }
}
