import ArgumentParser
import AssayCore
import AssayEnvironment

/// `assay env`: environments, probed and compared.
struct EnvCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env", abstract: "Probe an environment; compare two.",
        subcommands: [Show.self, EnvDiffCommand.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the facts of an environment.",
            discussion: """
                A bundle's environment is built if it is not there. `here` is the first python3 on \
                PATH in this shell. Where Assay is not, run the script, which needs Python alone.

                Examples:
                  assay env show HEAD --json
                  assay env show python@sha256:… --files
                  assay env show here --files --loaded --json > here.json
                  assay env show --script > probe.py
                  python probe.py --pid 1 --variable TZ --secret TOKEN > production.json
                """)

        @OptionGroup var global: GlobalOptions

        @Flag(help: "Hash every file of every package against its RECORD.") var files = false
        @Flag(help: "Import the numeric libraries and name the BLAS and OpenMP that they load.")
        var loaded = false
        @Flag(help: "Print the probe itself, a Python program of the standard library alone.")
        var script = false

        @Argument(
            help:
                "An id, a revision, stage/NAME, here, NAME@sha256:…, or a file that the probe wrote."
        )
        var place = "HEAD"

        func run() throws {
            let output = global.output
            if script { return output.bytes(Array(EnvironmentProbe.script.utf8)) }
            let facts = try EnvironmentPlace(
                place, global, depth: .init(files: files, loaded: loaded)
            ).facts
            if output.isJSON { return output.result(JSONValue(facts)) }
            let width = facts.keys.map(\.count).max() ?? 0
            for (key, value) in facts.sorted(by: { $0.key < $1.key }) {
                output.result("\(key.padding(to: width))  \(value)")
            }
        }
    }
}
