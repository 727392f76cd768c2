import ArgumentParser
import AssayCapture
import AssayCore
import AssayStore
import AssaySystem
import SystemPackage

/// `assay capture import`: traffic that was recorded elsewhere.
struct CaptureImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a capture of traffic that was recorded by other means.",
        discussion: """
            Reads GoReplay files (.gor, .gor.gz) and captures that `assay capture export` wrote. Session, \
            key, route and slices are found as `capture` in assay.yaml says.

            Examples:
              assay capture import requests.gor.gz --name core
              assay capture import core.warc.zst --name core --labels labels.csv
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The capture's name.", valueName: "name")) var name: String
    @Option(help: ArgumentHelp("auto, gor or warc.", valueName: "format")) var format: String =
        "auto"
    @Option(help: ArgumentHelp("A CSV file of key and label.", valueName: "file")) var labels:
        String?
    @Flag(help: "Keep what is whole of a damaged file.") var salvage = false
    @Argument(help: "The file.") var file: String

    func run() throws {
        try RefName.check(name)
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openOrCreateStore()
        let path = FilePath(file)
        let known = try importFormat(path)
        try FileSystem.makeDirectory(workspace.runsDirectory)
        let directory = try TemporaryDirectory(in: workspace.runsDirectory, prefix: "import-")
        let journalPath = directory.path.appending("journal")
        var journal = try CaptureJournal(at: journalPath)
        let losses = try CaptureImport.read(
            path, format: known, into: &journal, salvage: salvage)
        try journal.finish()
        let labelMap = try labels.map { file in
            try LabelFile.parse(try FileSystem.read(FilePath(file), limit: 1 << 30), file: file)
        }
        // An exported capture knows its sessions and slices; rules are for what does not.
        let rules = known == .capture ? nil : try CaptureRules.of(workspace)
        let sealed = try CaptureSealer(
            store: store, rules: rules, labels: labelMap ?? [:], losses: losses, source: file
        ).seal(journalPath, as: name)
        if output.isJSON {
            return output.result([
                "id": JSONValue(sealed.capture.id), "summary": sealed.capture.summary.document,
                "unmatchedLabels": JSONValue(sealed.unmatchedLabels),
            ])
        }
        CaptureCommand.lines(sealed.capture).forEach(output.result)
        if labels != nil {
            output.result(
                "labels without an exchange \(sealed.unmatchedLabels), exchanges without a label \(sealed.unlabelled)"
            )
        }
        output.result("imported as \(name)")
    }

    /// The format that was named, or that the content shows.
    private func importFormat(_ path: FilePath) throws -> CaptureFormat {
        if format == "auto" { return try CaptureImport.sniff(path) }
        guard let named = CaptureFormat(rawValue: format) else {
            throw AssayError(.usage, "--format takes auto, gor or warc, not \(format)")
        }
        return named
    }
}
