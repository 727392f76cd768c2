import ArgumentParser
import AssayBundling
import AssayCore
import SystemPackage

/// `assay bundle export`: writes a bundle for somebody else.
struct BundleExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a bundle as an OCI archive, a directory or a ModelPack artifact.",
        discussion: """
            `oci` keeps everything, with the same id and manifest, and is what `assay bundle import` \
            takes back. `directory` is for people: bundle.json, and the files beneath files/. \
            `modelpack` is an OCI archive of the CNCF ModelPack format, for tools that serve models.

            Examples:
              assay bundle export stage/prod --to flight-delay.tar
              assay bundle export HEAD --to /tmp/look --format directory
              assay bundle export HEAD --to model.tar --format modelpack
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case oci, directory, modelpack }

    @OptionGroup var global: GlobalOptions

    @Option(help: "The file or directory to write; nothing may be there.") var to: String
    @Option(help: "oci, directory or modelpack.") var format: Format = .oci
    @Argument(help: "An id, a revision or stage/NAME.") var bundle = "HEAD"

    func run() throws {
        let output = global.output
        let (bundle, store) = try BundleCommand.resolve(self.bundle, global)
        let path = FilePath(to)
        switch format {
        case .oci: try bundle.exportArchive(to: path, store: store)
        case .directory: try bundle.exportDirectory(to: path, store: store)
        case .modelpack: try bundle.exportModelPack(to: path, store: store)
        }
        if output.isJSON {
            output.result([
                "bundle": JSONValue(bundle.id), "path": JSONValue(to),
                "format": .string(format.rawValue),
            ])
        } else {
            output.result("bundle \(bundle.id.short) of \(bundle.service) is in \(to)")
        }
    }
}
