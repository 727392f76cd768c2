import ArgumentParser
import AssayCapture
import AssayCore

/// `assay capture verify`: whether a capture is what its id says.
struct CaptureVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read a capture whole and hold it against its digests and ids.",
        discussion: "Example:\n  assay capture verify core")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The capture's name or id.") var capture: String

    func run() throws {
        let store = try global.openWorkspace().openStore()
        let found = try Capture.open(capture, store: store)
        try found.verify()
        if global.output.isJSON {
            return global.output.result(["id": JSONValue(found.id), "whole": true])
        }
        global.output.result(
            "capture \(found.id.short) is whole: \(found.summary.exchanges) exchanges, every one as "
                + "its id says")
    }
}
