import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// The files of an unpacked image, or of an environment that was built.
struct FileTree {
    let root: FilePath
    /// Names that are not looked at, wherever they stand.
    var leavingOut: Set<String> = []

    /// What tells the tree from one that somebody changed: names, kinds, modes, sizes, times and
    /// links, but no content. Costs one look at every file.
    func fingerprint() throws(AssayError) -> Digest {
        var hasher = SHA256Hasher()
        try add(root, to: &hasher)
        return hasher.finish()
    }

    private func add(_ directory: FilePath, to hasher: inout SHA256Hasher) throws(AssayError) {
        for (name, status) in try FileSystem.entries(in: directory)
        where !leavingOut.contains(name) {
            let place = directory.appending(name)
            var line = "\(name)\0\(status.kind)\0\(status.mode)\0"
            switch status.kind {
            case .directory: break
            case .symlink:
                line += String(decoding: try FileSystem.target(of: place), as: UTF8.self)
            case .file, .other: line += "\(status.size)\0\(status.modified)"
            }
            hasher.update(Array(line.utf8) + [0])
            if status.kind == .directory {
                try add(place, to: &hasher)
                hasher.update([1])
            }
        }
    }

    /// Takes what an image may hold and nothing here may have: setuid and setgid bits; and lets us
    /// read what is ours to serve and remove what is ours to remove.
    func tame() throws(AssayError) {
        try tame(root)
    }

    private func tame(_ directory: FilePath) throws(AssayError) {
        for (name, status) in try FileSystem.entries(in: directory) where status.kind != .symlink {
            let place = directory.appending(name)
            let needed: UInt16 = status.kind == .directory ? 0o700 : 0o400
            let mode = (status.mode | needed) & 0o1777
            if mode != status.mode & 0o7777, chmod(place.string, mode_t(mode)) != 0 {
                throw FileSystem.error("could not set the mode of", place)
            }
            if status.kind == .directory { try tame(place) }
        }
    }

    /// Names that a container runtime gives its containers, and an image leaves empty.
    func addHosts() throws(AssayError) {
        let etc = root.appending("etc")
        guard try FileSystem.status(of: etc)?.kind == .directory else { return }
        let hosts = etc.appending("hosts")
        if try (FileSystem.status(of: hosts)?.size ?? 0) == 0 {
            let text = "127.0.0.1 localhost\n::1 localhost\n"
            try FileSystem.replace(hosts, with: Array(text.utf8))
        }
        let resolver = etc.appending("resolv.conf")
        if !FileSystem.exists(resolver) { try FileSystem.replace(resolver, with: []) }
    }
}
