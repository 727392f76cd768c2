import AssayCore
import AssayGit
import AssaySystem
import Glibc
import SystemPackage

/// Puts the pre-push hook where git looks for it.
struct HookInstallation {
    let repository: Repository

    /// Installs the hook and gives its path; a hook that Assay wrote before is brought up to date.
    ///
    /// Throws `.usage` for a hook of others and for one of Assay's that was changed by hand. With
    /// `force` such a hook is kept beside it as `pre-push.old` and replaced.
    func install(force: Bool) throws(AssayError) -> FilePath {
        let directory = try repository.hooksDirectory
        try FileSystem.makeDirectory(directory)
        let path = directory.appending("pre-push")
        if FileSystem.exists(path) { try makeWay(at: path, force: force) }
        try FileSystem.replace(path, with: Array(HookScript.prePush.utf8), mode: 0o755)
        guard chmod(path.string, 0o755) == 0 else {
            throw FileSystem.error("could not make executable", path)
        }
        return path
    }

    private func makeWay(at path: FilePath, force: Bool) throws(AssayError) {
        let present = try FileSystem.read(path, limit: 1 << 20)
        if HookScript.isUnchanged(present) { return }
        let kept = FilePath("\(path).old")
        if force {
            guard !FileSystem.exists(kept) else {
                throw AssayError(
                    .usage, "the hook at \(path) cannot be kept as \(kept), which is there already",
                    hint: "move \(kept) away and run this again")
            }
            return try FileSystem.rename(path, to: kept)
        }
        let text = String(decoding: present, as: UTF8.self)
        guard text.contains("Assay's pre-push hook") else {
            throw AssayError(
                .usage, "there is another pre-push hook at \(path)",
                hint:
                    "call `assay verify` from it, or replace it with `assay init --hooks --force`, "
                    + "which keeps it as \(kept)")
        }
        throw AssayError(
            .usage, "the hook at \(path) was changed since Assay wrote it",
            hint: "replace it with `assay init --hooks --force`, which keeps it as \(kept)")
    }
}
