import ArgumentParser
import AssayBundling
import AssayCore
import AssayEnvironment
import AssayReports

/// `assay env`: environments, probed and compared.
struct EnvCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env", abstract: "Probe an environment; compare two.",
        subcommands: [Show.self, Diff.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the facts of a bundle's environment, built if it is not there.",
            discussion: "Example:\n  assay env show HEAD --json")

        @OptionGroup var global: GlobalOptions

        @Argument(help: "An id, a revision or stage/NAME.") var bundle = "HEAD"

        func run() throws {
            let output = global.output
            let facts = try EnvCommand.facts(bundle, global)
            if output.isJSON { return output.result(JSONValue(facts)) }
            let width = facts.keys.map(\.count).max() ?? 0
            for (key, value) in facts.sorted(by: { $0.key < $1.key }) {
                output.result("\(key.padding(to: width))  \(value)")
            }
        }
    }

    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare the environments of two bundles, the riskiest difference first.",
            discussion: "Example:\n  assay env diff stage/prod HEAD")

        @OptionGroup var global: GlobalOptions

        @Argument(help: "An id, a revision or stage/NAME.") var old: String
        @Argument(help: "An id, a revision or stage/NAME.") var new: String

        func run() throws {
            let output = global.output
            let comparison = EnvironmentComparison(
                try EnvCommand.facts(old, global), try EnvCommand.facts(new, global))
            let differences = comparison.differences
            if output.isJSON {
                output.result(
                    .array(
                        differences.map {
                            .object(present: [
                                "key": JSONValue($0.key), "old": $0.old.map { JSONValue($0) },
                                "new": $0.new.map { JSONValue($0) },
                            ])
                        }))
            } else if differences.isEmpty {
                output.result("the environments are equal")
            } else {
                let rows = differences.map { [$0.key, $0.old ?? "absent", $0.new ?? "absent"] }
                for line in TextTable(header: ["fact", old, new], rows: rows).lines {
                    output.result(line)
                }
            }
            if !differences.isEmpty { throw ExitStatus.blocked.asError }
        }
    }

    private static func facts(_ name: String, _ global: GlobalOptions) throws -> [String: String] {
        let workspace = try global.openWorkspace()
        let store = try workspace.openStore()
        let bundle = try BundleResolver(workspace: workspace, store: store).resolve(name).bundle
        let output = global.output
        return try VirtualEnvironment.prepare(
            try bundle.environmentSpec(store: store), cache: Workspace.environmentCache
        ) { line in
            if line.hasPrefix("pip:") { output.detail(line) } else { output.note(line) }
        }.facts
    }
}
