import ArgumentParser
import AssayCapture
import AssayCore

/// `assay capture split`: several captures of one, that share no session.
struct CaptureSplitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Make several captures of one, which share no session.",
        discussion: """
            The shares are of sessions and add up to 100. The same capture and seed give the same \
            parts on any machine.

            Example:
              assay capture split core --into tune=20 --into judge=80
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("A new capture and its share in percent.", valueName: "name=share"))
    var into: [String]
    @Option(help: ArgumentHelp("Another choice.", valueName: "number")) var seed: UInt64 = 0
    @Argument(help: "The capture's name or id.") var capture: String

    func run() throws {
        let parts = try self.parts()
        let workspace = try global.openWorkspace()
        let found = try Capture.open(capture, store: try workspace.openStore())
        let derivation = CaptureDerivation(workspace: workspace, output: global.output)
        for (name, range) in parts {
            let sealed = try derivation.make(name, losses: found.summary.losses) { sorter, losses in
                try found.forEach { (exchange) throws(AssayError) in
                    let session = exchange.session ?? exchange.id
                    if range.contains(Capture.position(of: session, seed: seed) * 100) {
                        try sorter.append(exchange)
                    } else {
                        losses.skip(1, "is in another part")
                    }
                }
            }
            derivation.report(sealed, as: name)
        }
    }

    private func parts() throws -> [(name: String, range: Range<Double>)] {
        var parts: [(name: String, range: Range<Double>)] = []
        var end = 0.0
        for text in into {
            let words = text.split(separator: "=", maxSplits: 1)
            guard words.count == 2, let share = Double(words[1]), share > 0, share <= 100 else {
                throw AssayError(
                    .usage, "--into takes NAME=SHARE, not \(text)", hint: "--into tune=20")
            }
            parts.append((String(words[0]), end..<(end + share)))
            end += share
        }
        guard parts.count > 1, abs(end - 100) < 1e-6 else {
            throw AssayError(
                .usage, "the shares of \(parts.count) parts add up to \(end), not to 100",
                hint: "--into tune=20 --into judge=80")
        }
        guard Set(parts.map(\.name)).count == parts.count else {
            throw AssayError(.usage, "two parts have the same name")
        }
        return parts
    }
}
