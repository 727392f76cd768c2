import ArgumentParser
import AssayBundling
import AssayCore
import SystemPackage

/// `assay bundle import`: takes in what was exported elsewhere.
struct BundleImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in a bundle from an OCI archive or a directory, or a model's files.",
        discussion: """
            A bundle comes back with the id it had, everything hashed. With `--into` the files of a \
            model, a ModelPack artifact or a directory as Hugging Face keeps it, are written beneath \
            the service's directory and pinned in assay.lock.

            Examples:
              assay bundle import flight-delay.tar
              assay bundle import ~/.cache/huggingface/hub/models--x/snapshots/1a2b --into model
            """)

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp("Write and pin the files of a model here.", valueName: "dir"))
    var into: String?
    @Argument(help: "The archive or directory.") var path: String

    func run() throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openOrCreateStore()
        guard let into else {
            let bundle = try BundleImport.run(FilePath(path), store: store)
            if output.isJSON { return output.result(BundleCommand.document(bundle)) }
            output.note(
                "bundle of \(bundle.service): \(bundle.files.count) files, \(ByteCount(bundle.size))"
            )
            output.result(bundle.id.hex)
            return
        }
        let directory = FilePath(into)
        let files = try ModelImport.run(FilePath(path), into: directory, store: store)
        _ = try Pinning.track(
            [directory], directory: workspace.servicePath, repository: workspace.repository,
            store: store)
        if output.isJSON { return output.result(["files": JSONValue(files)]) }
        for file in files { output.result("\(into)/\(file)") }
        output.note(
            "name it in assay.yaml, as `weights: [{name: model, path: \(into)}]`, and commit assay.lock"
        )
    }
}
