import ArgumentParser
import AssayCapture
import AssayCore
import AssayReports

/// `assay capture`: recorded production traffic.
struct CaptureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture", abstract: "Record, import, export and look at production traffic.",
        subcommands: [
            CaptureRecordCommand.self, CaptureImportCommand.self, CaptureExportCommand.self,
            CaptureShowCommand.self, List.self, CaptureVerifyCommand.self,
            CaptureSampleCommand.self, CaptureFilterCommand.self, CaptureMergeCommand.self,
            CaptureSplitCommand.self, CaptureLabelCommand.self, CaptureRedactCommand.self,
            CaptureScanCommand.self, CapturePurgeCommand.self, CaptureRemoveCommand.self,
        ])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the captures.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let output = global.output
            let store = try global.openWorkspace().openStore()
            let captures = try Capture.list(store: store)
            if output.isJSON {
                for (name, capture) in captures {
                    output.result([
                        "name": JSONValue(name), "id": JSONValue(capture.id),
                        "exchanges": JSONValue(capture.summary.exchanges),
                    ])
                }
                return
            }
            let rows = captures.map { name, capture in
                [
                    String(name.dropFirst("capture/".count)), capture.id.short,
                    "\(capture.summary.exchanges)", "\(capture.summary.sessions)",
                    UTCTime.text(capture.summary.firstAt / 1_000_000_000),
                ]
            }
            if rows.isEmpty { return output.note("there is no capture; record or import one") }
            for line in TextTable(
                header: ["capture", "id", "exchanges", "sessions", "from"], rows: rows,
                rightAligned: [2, 3]
            ).lines {
                output.result(line)
            }
        }
    }
}
