import ArgumentParser
import AssayBundling
import AssayCore
import AssayReplay
import AssaySystem

/// `assay bundle run`: serves a bundle as a replay would.
struct BundleRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Serve a bundle in the foreground, as a replay would.",
        discussion: """
            The service's own dependencies are reached through the variables of this shell.

            Examples:
              WEATHER_URL=http://127.0.0.1:9000 assay bundle run stage/prod --port 8000
              assay bundle run stage/prod --shell
              eval "$(assay bundle run stage/prod --print-env)"
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: "The loopback port to serve on.") var port: Int = 8000
    @Option(help: "sandbox, process or none.") var isolation: String = "sandbox"
    @Flag(help: "Start a shell in the bundle's files and environment; no sandbox.")
    var shell = false
    @Flag(help: "Print the variables as a shell reads them, and serve nothing.")
    var printEnv = false
    @Argument(help: "An id, a revision or stage/NAME.") var bundle = "HEAD"

    func run() async throws {
        let output = global.output
        let level = try ReplayOptions.isolationLevel(isolation)
        guard (1...65535).contains(port) else {
            throw AssayError(.usage, "port \(port) is not from 1 to 65535")
        }
        let workspace = try global.openWorkspace()
        let store = try workspace.openOrCreateStore()
        let bundle = try BundleResolver(workspace: workspace, store: store).resolve(self.bundle)
            .bundle
        var preparation = ArmPreparation(store: store, output: output)
        var arm = try preparation.plan(.candidate, bundle)
        if shell, printEnv {
            throw AssayError(.usage, "`--shell` and `--print-env` are two things; name one")
        }
        // Dependencies are not stubbed here: their addresses come from the caller.
        arm.secrets += arm.egress.map(\.variable)
        arm.egress = []
        let stand = ServiceShell(arm: arm, caller: ProcessEnvironment.current)
        if printEnv {
            if output.isJSON {
                output.result(
                    JSONValue(
                        stand.variables.filter { arm.variables[$0.key] != nil || $0.key == "PATH" })
                )
            } else {
                for line in try stand.lines() { output.result(line) }
            }
            return
        }
        if shell {
            output.note(
                "a shell in bundle \(bundle.id.short) of \(bundle.service); leave it with `exit`")
            try stand.become()
        }
        try FileSystem.makeDirectory(workspace.runsDirectory)
        let plan = arm
        let port = self.port
        let runs = workspace.runsDirectory
        let interruption = Interruption()
        do {
            let status = try await interruption.guarding {
                try await ServeRun.run(
                    plan, port: port, isolation: level, runs: runs, seed: 1,
                    environment: ProcessEnvironment.current,
                    ready: {
                        output.note(
                            "bundle \(bundle.id.short) is ready on http://127.0.0.1:\(port)")
                    },
                    output: { output.note($0) })
            }
            if interruption.wasAsked { throw ExitStatus.interrupted.asError }
            guard status == 0 else {
                throw AssayError(.service, "the service ended with exit code \(status)")
            }
        } catch  where interruption.wasAsked {
            throw ExitStatus.interrupted.asError
        }
    }
}
