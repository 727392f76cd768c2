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
              assay capture show core#0f3c9ad2 --curl
              assay capture show core#0f3c9ad2 --curl --origin http://127.0.0.1:8000
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "List the exchanges' ids, starts and sessions.") var exchanges = false
    @Flag(help: "List the sessions with their counts of exchanges.") var sessions = false
    @Flag(help: "Print the bytes of request and response as they were.") var raw = false
    @Flag(help: "Print a curl command that sends the request again.") var curl = false
    @Option(
        help: ArgumentHelp(
            "Where the curl command sends it; default: the recorded host.", valueName: "url"))
    var origin: String?
    @Argument(help: "NAME, or NAME#EXCHANGE.") var capture: String

    func validate() throws {
        guard curl || origin == nil else { throw ValidationError("--origin goes with --curl") }
        guard !(curl && raw) else { throw ValidationError("give --raw or --curl, not both") }
    }

    func run() throws {
        let output = global.output
        let store = try global.openWorkspace().openStore()
        let parts = capture.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let found = try Capture.open(String(parts[0]), store: store)
        if parts.count == 2 {
            let exchange = try found.exchange(String(parts[1]))
            if raw { return output.bytes(exchange.request + exchange.response) }
            if curl { return output.result(exchange.curl(url: origin)) }
            if output.isJSON { return output.bytes(try exchange.jsonLine()) }
            return exchange.readableLines.forEach(output.result)
        }
        guard !raw, !curl else {
            throw AssayError(
                .usage, "--raw and --curl print one exchange, and \(capture) is a capture",
                hint: "list them with `assay capture show \(capture) --exchanges`")
        }
        if exchanges {
            let outline = try found.outline()
            guard output.isJSON else {
                return CaptureText.exchanges(outline).forEach(output.result)
            }
            for item in outline {
                output.result([
                    "id": .string(item.id), "startedAt": JSONValue(Int(item.startedAt)),
                    "session": .string(item.session),
                ])
            }
            return
        }
        if sessions { return try printSessions(of: found, output) }
        if output.isJSON {
            return output.result(["id": JSONValue(found.id), "summary": found.summary.document])
        }
        CaptureText.lines(found).forEach(output.result)
    }

    private func printSessions(of found: Capture, _ output: Output) throws {
        let outline = try found.outline()
        guard output.isJSON else {
            return CaptureText.sessions(outline).forEach(output.result)
        }
        var counts: [String: Int] = [:]
        for item in outline { counts[item.session, default: 0] += 1 }
        for (session, count) in counts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            output.result(["session": .string(session), "exchanges": JSONValue(count)])
        }
    }
}
