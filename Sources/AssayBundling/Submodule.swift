import AssayCore
import AssayGit
import AssayInspection
import AssaySystem
import SystemPackage

/// The repository of a submodule, as git keeps it beside that of the superproject.
final class Submodule {
    let repository: Repository

    private init(_ repository: Repository) {
        self.repository = repository
    }

    /// Opens the submodule at a path of the superproject; `nil` if it, or its commit, was not fetched.
    ///
    /// A fetched submodule lies in `modules/<name>` of the work tree's or the common git directory, where `.gitmodules`
    /// of any commit has given it the name, mostly its path.
    static func open(
        _ path: String, commit: CommitID, in superproject: Repository
    ) throws(AssayError) -> Submodule? {
        // A linked work tree has submodules of its own.
        var homes = [superproject.gitDirectory]
        if superproject.commonDirectory != homes[0] { homes.append(superproject.commonDirectory) }
        for name in try names(of: path, superproject) where RelativePath.fault(in: name) == nil {
            for home in homes {
                let place = home.appending("modules").pushing(FilePath(name))
                guard FileSystem.exists(place.appending("HEAD")) else { continue }
                let repository = try Repository.open(gitDirectory: place)
                do throws(AssayError) {
                    _ = try repository.info(commit)
                    return Submodule(repository)
                } catch  where error.code == .notFound {
                    continue
                }
            }
        }
        return nil
    }

    /// The names that git's settings give to the path, then the path itself.
    private static func names(
        of path: String, _ superproject: Repository
    ) throws(AssayError) -> [String] {
        var names: [String] = []
        if let workTree = superproject.workTree {
            let file = workTree.appending(".gitmodules")
            if FileSystem.exists(file) {
                let text = String(
                    decoding: try FileSystem.read(file, limit: 1 << 20), as: UTF8.self)
                for (key, value) in (IniText.read(text) ?? [:]).sorted(by: { $0.key < $1.key })
                where value == path && key.hasSuffix("/path") {
                    let parts = key.split(separator: "\"")
                    if parts.count == 3 {
                        names.append(String(parts[1]).replacing("~1", with: "/"))
                    }
                }
            }
        }
        return names + [path]
    }
}
