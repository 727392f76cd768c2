import ArgumentParser
import AssayCore
import Glibc
import SystemPackage

/// The options that every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: [.customShort("C")],
        help: ArgumentHelp("Work as if started in DIR.", valueName: "dir"))
    var directory: String?

    @Option(
        help: ArgumentHelp(
            "The store; default: .assay/store beside assay.yaml, or $ASSAY_STORE.", valueName: "dir"
        ))
    var store: String?

    @Flag(help: "Print results as JSON documents.")
    var json = false

    @Flag(help: "Print without colour and without rewriting lines.")
    var plain = false

    @Flag(name: .shortAndLong, help: "Print results only.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Print details.")
    var verbose = false

    @Option(help: ArgumentHelp("auto, always or never; NO_COLOR is honoured.", valueName: "when"))
    var color: ColourChoice = .auto

    enum ColourChoice: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

    /// The output that these options ask for.
    var output: Output {
        let environment = ProcessEnvironment.current
        let allowed =
            switch color {
            case .always: true
            case .never: false
            case .auto:
                !plain && environment["NO_COLOR", default: ""].isEmpty && isatty(STDERR_FILENO) == 1
            }
        return Output(isJSON: json, isQuiet: quiet, isVerbose: verbose, colour: allowed)
    }

    /// The directory that the command works from.
    var workingDirectory: FilePath {
        get throws {
            if let directory, chdir(directory) != 0 {
                throw AssayError(
                    .usage, "could not enter directory \(directory): \(Errno(rawValue: errno))")
            }
            return FilePath(".")
        }
    }

    /// The workspace around the directory that the command works from, with what was fetched of the
    /// ledger and the verdicts taken over.
    func openWorkspace() throws -> Workspace {
        let workspace = try Workspace.open(self, from: try workingDirectory)
        try workspace.followRemote(output)
        return workspace
    }
}
