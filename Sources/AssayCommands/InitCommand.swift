import ArgumentParser
import AssayCore
import AssayGit
import AssayStore
import AssaySystem
import Glibc
import SystemPackage

/// `assay init`: prepares a repository.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Prepare this repository: store, starting files, refspecs, hooks.",
        discussion: """
            Makes .assay/ with the store, and assay.yaml and gate.yaml where there are none: assay.yaml \
            from what the repository shows (framework, models, locks, Dockerfile), with a mark on \
            each line that needs a hand. Adds refspecs to every remote so that the ledger and the verdicts are fetched. \
            Running it again changes nothing that is there.

            Example:
              assay init --hooks
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Install the pre-push hook, which gates pushes to protected refs.")
    var hooks = false

    func run() throws {
        let output = global.output
        let workspace = try Workspace.openForInit(global, from: try global.workingDirectory)
        _ = try workspace.openOrCreateStore()
        output.note("store: \(workspace.storePath)")
        let definition = workspace.serviceDirectory.appending("assay.yaml")
        if !FileSystem.exists(definition) {
            let draft = try ServiceDraft(try RepositoryLook(workspace))
            try FileSystem.replace(definition, with: Array(draft.text.utf8))
            output.note("wrote \(definition) from what is in this repository")
            for gap in draft.gaps { output.note("fill in: \(gap)") }
        }
        try write(
            StartingFiles.policy, to: workspace.serviceDirectory.appending("gate.yaml"), output)
        for remote in try workspace.repository.remotes() {
            try workspace.repository.addSetting(
                "remote.\(remote).fetch", "+refs/assay/*:refs/assay/remotes/\(remote)/*")
        }
        if hooks { try installHook(workspace, output) }
        output.result("ready: \(workspace.serviceDirectory)")
    }

    private func write(_ text: String, to path: FilePath, _ output: Output) throws {
        guard !FileSystem.exists(path) else { return }
        try FileSystem.replace(path, with: Array(text.utf8))
        output.note("wrote \(path); fill in what it asks for")
    }

    private func installHook(_ workspace: Workspace, _ output: Output) throws {
        let directory = try workspace.repository.hooksDirectory
        try FileSystem.makeDirectory(directory)
        let path = directory.appending("pre-push")
        let ours = Array(HookScript.prePush.utf8)
        if FileSystem.exists(path), try FileSystem.read(path, limit: 1 << 20) != ours {
            let text = String(decoding: try FileSystem.read(path, limit: 1 << 20), as: UTF8.self)
            guard text.contains("Assay's pre-push hook") else {
                throw AssayError(
                    .usage, "there is another pre-push hook at \(path)",
                    hint: "call `assay verify` from it, or move it away and run this again")
            }
        }
        try FileSystem.replace(path, with: ours, mode: 0o755)
        guard chmod(path.string, 0o755) == 0 else {
            throw FileSystem.error("could not make executable", path)
        }
        output.note("hook: \(path)")
    }
}
