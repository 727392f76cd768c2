import ArgumentParser
import AssayCapture
import AssayCore
import SystemPackage

/// `assay capture export`: a capture in one file, of our format or another's.
struct CaptureExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a capture to one file.",
        discussion: """
            The format is told by the file's ending: .warc.zst, which import reads back to the same \
            id, .warc, .warc.gz, .jsonl, .har, .gor, .gor.gz or .vegeta.json. What a format cannot \
            hold is said.

            Examples:
              assay capture export core core.warc.zst
              assay capture export core core.har
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The format, if the ending does not tell.", valueName: "format"))
    var format: String?
    @Option(help: ArgumentHelp("The server that vegeta's targets name.", valueName: "url"))
    var origin: String?
    @Argument(help: "The capture's name or id.") var capture: String
    @Argument(help: "The file to write; it must not be there.") var file: String

    func run() throws {
        let output = global.output
        let store = try global.openWorkspace().openStore()
        let found = try Capture.open(capture, store: store)
        let names = CaptureExportFormat.allCases.map(\.rawValue).joined(separator: ", ")
        let known: CaptureExportFormat? =
            if let format { CaptureExportFormat(rawValue: format) } else {
                CaptureExportFormat(fileName: file)
            }
        guard let known else {
            throw AssayError(
                .usage, "\(format ?? file) tells no format to export to",
                hint: "name one with --format: \(names)")
        }
        let report = try found.export(to: FilePath(file), as: known, origin: origin)
        if output.isJSON {
            return output.result([
                "written": JSONValue(report.written), "capture": JSONValue(found.id),
                "notes": .object(report.notes.mapValues { JSONValue($0) }),
            ])
        }
        for (note, count) in report.notes.sorted(by: { $0.key < $1.key }) {
            output.result("  \(count) × \(note)")
        }
        output.result(
            "\(file): \(report.written) of \(found.summary.exchanges) exchanges, capture "
                + found.id.short)
    }
}
