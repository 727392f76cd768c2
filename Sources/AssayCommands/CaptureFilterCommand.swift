import ArgumentParser
import AssayCapture
import AssayCore

/// `assay capture filter`: a capture of those exchanges that conditions hold for.
struct CaptureFilterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "filter",
        abstract: "Make a capture of the exchanges that every given condition holds for.",
        discussion: """
            An option that is given twice holds if either value matches.

            Example:
              assay capture filter core --route 'POST /predict' --status 2xx --slice carrier=UA --name ua
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The new capture's name.", valueName: "name")) var name: String
    @Option(help: ArgumentHelp("A route; `*` and `**` as in patterns.", valueName: "route"))
    var route: [String] = []
    @Option(help: ArgumentHelp("The earliest start.", valueName: "time")) var from: String?
    @Option(help: ArgumentHelp("The latest start.", valueName: "time")) var to: String?
    @Option(help: ArgumentHelp("200, 5xx, or none.", valueName: "status"))
    var status: [String] = []
    @Option(help: ArgumentHelp("A slice and its value.", valueName: "slice=value"))
    var slice: [String] = []
    @Option(help: ArgumentHelp("A session.", valueName: "session")) var session: [String] = []
    @Option(help: ArgumentHelp("A label.", valueName: "label")) var label: [String] = []
    @Argument(help: "The capture's name or id.") var capture: String

    func run() throws {
        let filter = try self.filter()
        guard filter != CaptureFilter() else {
            throw AssayError(
                .usage, "no condition was given", hint: "see `assay capture filter --help`")
        }
        let workspace = try global.openWorkspace()
        let found = try Capture.open(capture, store: try workspace.openStore())
        let derivation = CaptureDerivation(workspace: workspace, output: global.output)
        let sealed = try derivation.make(name, losses: found.summary.losses) { sorter, losses in
            try found.forEach { (exchange) throws(AssayError) in
                if filter.matches(exchange) {
                    try sorter.append(exchange)
                } else {
                    losses.skip(1, "left out by the filter")
                }
            }
        }
        derivation.report(sealed, as: name)
    }

    private func filter() throws -> CaptureFilter {
        var filter = CaptureFilter()
        filter.routes = route
        filter.from = try from.map(CaptureFilter.time)
        filter.to = try to.map(CaptureFilter.time)
        for text in status { try filter.add(status: text) }
        for text in slice {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw AssayError(.usage, "--slice takes SLICE=VALUE, not \(text)")
            }
            filter.slices[String(parts[0]), default: []].insert(String(parts[1]))
        }
        filter.sessions = Set(session)
        filter.labels = Set(label)
        return filter
    }
}
