import ArgumentParser
import AssayCapture
import AssayCore

/// `assay capture show`: what a capture holds, or one exchange of it.
struct CaptureShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print what a capture holds, or one exchange of it.",
        discussion: """
            Examples:
              assay capture show core
              assay capture show core#0f3c9ad2e1b7c6d5
              assay capture show core#0f3c9ad2 --curl http://127.0.0.1:8000
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "List the exchanges' ids, starts and sessions.") var exchanges = false
    @Flag(help: "List the sessions with their counts of exchanges.") var sessions = false
    @Flag(help: "Print the bytes of request and response as they were.") var raw = false
    @Option(help: ArgumentHelp("Print a curl command for this origin.", valueName: "url"))
    var curl: String?
    @Argument(help: "NAME, or NAME#EXCHANGE.") var capture: String

    func run() throws {
        let output = global.output
        let store = try global.openWorkspace().openStore()
        let parts = capture.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let found = try Capture.open(String(parts[0]), store: store)
        if parts.count == 2 {
            let exchange = try found.exchange(String(parts[1]))
            if raw { return output.bytes(exchange.request + exchange.response) }
            if let curl { return output.result(exchange.curl(url: curl)) }
            return exchange.readableLines.forEach(output.result)
        }
        guard !raw, curl == nil else {
            throw AssayError(
                .usage, "--raw and --curl print one exchange, and \(capture) is a capture",
                hint: "list them with `assay capture show \(capture) --exchanges`")
        }
        if exchanges {
            CaptureText.exchanges(try found.outline()).forEach(output.result)
            return
        }
        if sessions { return CaptureText.sessions(try found.outline()).forEach(output.result) }
        if output.isJSON {
            return output.result(["id": JSONValue(found.id), "summary": found.summary.document])
        }
        CaptureText.lines(found).forEach(output.result)
    }
}
