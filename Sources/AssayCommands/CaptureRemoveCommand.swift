import ArgumentParser
import AssayCapture
import AssayCore
import AssayStore

/// `assay capture remove`: gives up a capture's name.
struct CaptureRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Give up a capture's name.",
        discussion: """
            The bytes stay in the store until what has no name is collected.

            Example:
              assay capture remove core
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The capture's name.") var capture: String

    func run() throws {
        let store = try global.openWorkspace().openStore()
        let found = try Capture.open(capture, store: store)
        let name = capture.hasPrefix("capture/") ? capture : "capture/\(capture)"
        guard try Capture.list(store: store).contains(where: { $0.name == name }) else {
            throw AssayError(
                .usage,
                "\(capture) is not a name, and several names may mean capture \(found.id.short)",
                hint: "see the names with `assay capture list`")
        }
        try store.deleteRef(name)
        global.output.result("capture \(found.id.short) is no longer called \(name.dropFirst(8))")
    }
}
