import ArgumentParser
import AssayCapture
import AssayCore

/// `assay capture sample`: a smaller capture of whole sessions.
struct CaptureSampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Make a smaller capture of whole sessions.",
        discussion: """
            The same capture, count and seed give the same sample on any machine. With --by, sessions \
            are taken in turn from each value of a slice, so that rare values are there too.

            Example:
              assay capture sample core --requests 1000 --by carrier --name small
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The new capture's name.", valueName: "name")) var name: String
    @Option(help: ArgumentHelp("How many exchanges at least.", valueName: "count"))
    var requests: Int
    @Option(help: ArgumentHelp("Another choice.", valueName: "number")) var seed: UInt64 = 0
    @Option(help: ArgumentHelp("The slice whose values are taken in turn.", valueName: "slice"))
    var by: String?
    @Argument(help: "The capture's name or id.") var capture: String

    func validate() throws {
        guard requests > 0 else { throw ValidationError("--requests takes a positive count") }
    }

    func run() throws {
        let workspace = try global.openWorkspace()
        let found = try Capture.open(capture, store: try workspace.openStore())
        if let by, found.summary.slices[by] == nil {
            let names = found.summary.slices.keys.sorted()
            throw AssayError(
                .notFound, "capture \(found.id.short) has no slice \(by)",
                hint: names.isEmpty ? nil : "it has \(names.joined(separator: ", "))")
        }
        let chosen =
            if let by {
                try found.sample(requests: requests, seed: seed, stratifiedBy: by)
            } else {
                try found.sample(requests: requests, seed: seed)
            }
        let derivation = CaptureDerivation(workspace: workspace, output: global.output)
        let sealed = try derivation.make(name, losses: found.summary.losses) { sorter, losses in
            losses.skip(found.summary.exchanges - chosen.count, "left out by the sample")
            try found.forEach(of: chosen) { (exchange) throws(AssayError) in
                try sorter.append(exchange)
            }
        }
        derivation.report(sealed, as: name)
    }
}
