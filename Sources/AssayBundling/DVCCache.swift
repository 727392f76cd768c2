import AssayCore
import AssayGit
import AssayInspection
import AssayStore
import AssaySystem
import SystemPackage

/// DVC's caches of a work tree: content by MD5, as `files/md5/ab/cdef…` (DVC 3) or `ab/cdef…`.
struct DVCCache {
    /// The caches' directories, the likeliest first.
    let places: [FilePath]

    /// Finds the caches of a service's directory: of the nearest `.dvc` upwards, and of the main
    /// work tree if this one is linked to it.
    init(serviceDirectory directory: String, _ repository: Repository) throws(AssayError) {
        var roots: [FilePath] = []
        if let workTree = repository.workTree { roots.append(workTree) }
        // Linked work trees have a git directory of their own beneath the common one.
        if repository.gitDirectory != repository.commonDirectory {
            roots.append(repository.commonDirectory.removingLastComponent())
        }
        var places: [FilePath] = []
        for root in roots {
            var names = directory.split(separator: "/").map(String.init)
            while true {
                let place = names.reduce(root) { $0.appending($1) }.appending(".dvc")
                if let status = try FileSystem.status(of: place), status.kind == .directory {
                    places.append(try Self.configured(place))
                }
                if names.isEmpty { break }
                names.removeLast()
            }
        }
        self.places = places
    }

    /// The cache of a `.dvc` directory: what its settings say, or `cache` within it.
    private static func configured(_ place: FilePath) throws(AssayError) -> FilePath {
        for name in ["config.local", "config"] {
            let file = place.appending(name)
            guard FileSystem.exists(file) else { continue }
            let text = String(decoding: try FileSystem.read(file, limit: 1 << 20), as: UTF8.self)
            if let given = IniText.read(text)?["/cache/dir"], !given.isEmpty {
                // A relative path counts from the settings' own directory.
                return FilePath(given).isAbsolute
                    ? FilePath(given) : place.pushing(FilePath(given))
            }
        }
        return place.appending("cache")
    }

    /// Where the content of a hash is; `nil` if no cache has it.
    func find(_ md5: String, isDirectory: Bool) throws(AssayError) -> FilePath? {
        let rest = String(md5.dropFirst(2)) + (isDirectory ? ".dir" : "")
        for place in places {
            for base in [place.appending("files").appending("md5"), place] {
                let path = base.appending(String(md5.prefix(2))).appending(rest)
                if let status = try FileSystem.status(of: path), status.kind == .file {
                    return path
                }
            }
        }
        return nil
    }

    /// Hashes a file with MD5, flat in memory.
    static func hash(_ path: FilePath) throws(AssayError) -> String {
        let file = try OpenFile.reading(path)
        var hasher = MD5Hasher()
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try file.readChunk(&chunk)
            if count == 0 { return hasher.finish() }
            hasher.update(chunk[..<count])
        }
    }
}
