import ArgumentParser
import AssayCore
import AssayRegistry
import AssayReports

/// `assay remote`: the registries that bundles and captures travel through.
struct RemoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remote",
        abstract: "Name the registries that bundles and captures travel through.",
        subcommands: [Add.self, List.self, Remove.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a repository of an OCI registry a name here.",
            discussion: """
                Signs in with what `skopeo login`, `podman login` or `docker login` left, credential \
                helpers among it. ASSAY_CA_FILE names certificates to trust beside the system's.

                Examples:
                  assay remote add team oci://registry.example.com/team/models
                  assay remote add local oci+http://localhost:5000/models
                """)

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The name.") var name: String
        @Argument(help: "oci://HOST[:PORT]/PATH; oci+http://… for a registry without TLS.")
        var location: String

        func run() throws {
            let workspace = try global.openWorkspace()
            try workspace.makePrivateDirectory()
            var settings = try RemoteSettings(workspace)
            let location = try RegistryLocation(location)
            try settings.add(name, location)
            let output = global.output
            if output.isJSON { return output.result(Self.document(name, location)) }
            output.result("remote \(name) is \(location); push to it with `assay push`")
        }

        static func document(_ name: String, _ location: RegistryLocation) -> JSONValue {
            [
                "schema": "assay/remote/v1", "name": JSONValue(name),
                "location": JSONValue(location.description),
            ]
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the registries known here.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let output = global.output
            let settings = try RemoteSettings(try global.openWorkspace())
            if output.isJSON {
                return output.result([
                    "schema": "assay/remotes/v1",
                    "remotes": JSONValue(settings.remotes.mapValues(\.description)),
                ])
            }
            let rows = settings.names.map { [$0, settings.remotes[$0].map { "\($0)" } ?? ""] }
            guard !rows.isEmpty else {
                return output.note(
                    "no registry is known here; name one with `assay remote add team oci://HOST/PATH`"
                )
            }
            for line in TextTable(header: ["name", "location"], rows: rows).lines {
                output.result(line)
            }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget a registry; what it holds stays there.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The name.") var name: String

        func run() throws {
            var settings = try RemoteSettings(try global.openWorkspace())
            let location = settings.remotes[name]
            try settings.remove(name)
            let output = global.output
            if output.isJSON, let location { return output.result(Add.document(name, location)) }
            output.result("remote \(name) is forgotten here")
        }
    }
}
