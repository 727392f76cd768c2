import ArgumentParser
import AssayCapture
import AssayCore
import AssayReports
import SystemPackage

/// `assay capture`: recorded production traffic.
struct CaptureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture", abstract: "Record, import, export and look at production traffic.",
        subcommands: [
            CaptureRecordCommand.self, CaptureImportCommand.self, Export.self, Show.self, List.self,
        ])

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a capture to one file, which import reads back to the same id.",
            discussion: "Example:\n  assay capture export core core.warc.zst")

        @OptionGroup var global: GlobalOptions

        @Argument(help: "The capture's name or id.") var capture: String
        @Argument(help: "The file to write; it must not be there.") var file: String

        func run() throws {
            let store = try global.openWorkspace().openStore()
            let found = try Capture.open(capture, store: store)
            try found.export(to: FilePath(file))
            global.output.result(
                "\(file): \(found.summary.exchanges) exchanges, capture \(found.id.short)")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what a capture holds, or one exchange of it.",
            discussion: """
                Examples:
                  assay capture show core
                  assay capture show core#0f3c9ad2e1b7c6d5
                  assay capture show core#0f3c9ad2 --curl http://127.0.0.1:8000
                """)

        @OptionGroup var global: GlobalOptions

        @Flag(help: "List the exchanges' ids, starts and sessions.") var exchanges = false
        @Flag(help: "Print the bytes of request and response as they were.") var raw = false
        @Option(help: ArgumentHelp("Print a curl command for this origin.", valueName: "url"))
        var curl: String?
        @Argument(help: "NAME, or NAME#EXCHANGE.") var capture: String

        func run() throws {
            let output = global.output
            let store = try global.openWorkspace().openStore()
            let parts = capture.split(
                separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let found = try Capture.open(String(parts[0]), store: store)
            if parts.count == 2 {
                let exchange = try found.exchange(String(parts[1]))
                if raw { return output.bytes(exchange.request + exchange.response) }
                if let curl { return output.result(exchange.curl(url: curl)) }
                return exchange.readableLines.forEach(output.result)
            }
            if exchanges {
                for item in try found.outline() {
                    output.result("\(item.id)  \(item.startedAt)  \(item.session)")
                }
                return
            }
            if output.isJSON {
                return output.result(["id": JSONValue(found.id), "summary": found.summary.document])
            }
            CaptureCommand.lines(found).forEach(output.result)
        }
    }

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

    /// A capture for people.
    static func lines(_ capture: Capture) -> [String] {
        let summary = capture.summary
        var lines = [
            "capture    \(capture.id)",
            "exchanges  \(summary.exchanges) in \(summary.sessions) sessions, \(ByteCount(summary.bytes)) of records",
            "from       \(UTCTime.text(summary.firstAt / 1_000_000_000))",
            "to         \(UTCTime.text(summary.lastAt / 1_000_000_000))",
            "labels     \(summary.labels)",
        ]
        func counts(_ title: String, _ map: [String: Int]) {
            for (name, count) in map.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(
                20)
            {
                lines.append("\(title.padding(to: 9))  \(name): \(count)")
            }
        }
        counts("route", summary.routes)
        counts("egress", summary.egress)
        counts("bundle", summary.bundles)
        for (field, values) in summary.slices.sorted(by: { $0.key < $1.key }) {
            counts(field, values)
        }
        let losses = summary.losses
        return lines + [losses.sum] + losses.counted.map { "  \($0)" }
    }
}
