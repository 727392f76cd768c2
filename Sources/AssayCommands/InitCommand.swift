import ArgumentParser
import AssayCore
import AssayGit
import AssayStore
import AssaySystem
import SystemPackage

/// `assay init`: prepares a repository.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Prepare this repository: store, starting files, refspecs, hooks.",
        discussion: """
            Makes .assay/ with the store, and assay.yaml and gate.yaml to fill in where there are \
            none. Adds refspecs to every remote so that the ledger and the verdicts are fetched, and \
            the service's directory to git's setting assay.service, which the hook reads; run it \
            once for each service of a repository. Running it again changes nothing that is there.

            Example:
              assay init --hooks
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Install the pre-push hook, which gates pushes to protected refs.")
    var hooks = false
    @Flag(
        help: "Replace a pre-push hook that is not Assay's or was changed; keep it as pre-push.old."
    )
    var force = false

    func validate() throws {
        guard hooks || !force else { throw ValidationError("--force is for --hooks") }
    }

    func run() throws {
        let output = global.output
        let workspace = try Workspace.openForInit(global, from: try global.workingDirectory)
        _ = try workspace.openOrCreateStore()
        output.note("store: \(workspace.storePath)")
        try write(
            StartingFiles.service, to: workspace.serviceDirectory.appending("assay.yaml"), output)
        try write(
            StartingFiles.policy, to: workspace.serviceDirectory.appending("gate.yaml"), output)
        for remote in try workspace.repository.remotes() {
            try workspace.repository.addSetting(
                "remote.\(remote).fetch", "+refs/assay/*:refs/assay/remotes/\(remote)/*")
        }
        try workspace.repository.addSetting(
            "assay.service", workspace.servicePath.isEmpty ? "." : workspace.servicePath)
        if hooks {
            let path = try HookInstallation(repository: workspace.repository).install(force: force)
            output.note("hook: \(path)")
        }
        output.result("ready: \(workspace.serviceDirectory)")
    }

    private func write(_ text: String, to path: FilePath, _ output: Output) throws {
        guard !FileSystem.exists(path) else { return }
        try FileSystem.replace(path, with: Array(text.utf8))
        output.note("wrote \(path); fill in what it asks for")
    }
}
