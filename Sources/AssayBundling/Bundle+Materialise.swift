public import AssayCore
public import AssayStore
import AssaySystem
import Glibc
public import SystemPackage

extension Bundle {
    /// Gives a directory with the bundle's files at their paths, read-only, to be shown to a
    /// sandbox as it is.
    ///
    /// It lies in the store's cache, once for each manifest, and must not be written to. The first
    /// call writes it, checking every digest; later ones look at the status of each file and write
    /// it again if something changed one. Several processes may ask at once. A tree that was
    /// written first trims the cache to `limit` bytes; trees used within a day stay.
    public func materialisedTree(
        store: Store, limit: Int = FileCache.defaultLimit
    ) throws(AssayError) -> FilePath {
        let cache = FileCache(store)
        let final = cache.trees.appending(manifest.hex)
        try FileSystem.makeDirectory(cache.trees)
        let held = try FileLock.acquire(
            cache.trees.appending("\(manifest.hex).lock"), patience: .seconds(1800))
        if try !isIntact(final) {
            try cache.discard(final)
            let temporary = try TemporaryDirectory(in: cache.trees, prefix: ".partial-")
            let whole = temporary.path.appending("tree")
            try write(into: whole, store: store)
            // What is renamed is trusted from then on, so it must not outlive its own bytes.
            try OpenFile.open(whole, flags: O_RDONLY | O_DIRECTORY, mode: 0).syncFileSystem()
            try FileSystem.rename(whole, to: final)
            guard chmod(final.string, 0o555) == 0 else {
                throw FileSystem.error("could not close", final)
            }
            try cache.used(manifest.hex, now: StatCache.now())
            _ = consume held
            try cache.trim(to: limit, now: StatCache.now())
        } else {
            try cache.used(manifest.hex, now: StatCache.now())
            _ = consume held
        }
        return final
    }

    /// How the tree that `materialisedTree` gives is not the bundle's any more, as far as status and names
    /// tell: see `TreeChanges`. Nothing if the tree is not there. Costs a look at every file.
    public func treeChanges(store: Store) throws(AssayError) -> TreeChanges {
        let tree = FileCache(store).trees.appending(manifest.hex)
        guard FileSystem.exists(tree) else { return TreeChanges() }
        return try TreeChanges(files, in: tree)
    }

    /// Whether a tree is there, none of its files was changed, and none hidden, as far as their status
    /// tells. Other files that a service left there are no fault: another replay may be using them.
    private func isIntact(_ tree: FilePath) throws(AssayError) -> Bool {
        guard FileSystem.exists(tree) else { return false }
        return try TreeChanges(files, in: tree).fault == nil
    }

    /// Lays the bundle's files out beneath a directory that is empty or not there yet.
    ///
    /// Files are read-only (0444, executables 0555). Large ones share their bytes with the store's
    /// cache where the file system allows it, never with its blobs; small ones are copies. Throws
    /// `.usage` if something is in the directory.
    public func materialise(into directory: FilePath, store: Store) throws(AssayError) {
        try FileSystem.makeDirectory(directory)
        guard try FileSystem.names(in: directory).isEmpty else {
            throw AssayError(
                .usage,
                "could not lay out bundle \(id.short) in \(directory): the directory is not empty")
        }
        try writeFiles(beneath: directory, store: store)
    }

    private func write(into root: FilePath, store: Store) throws(AssayError) {
        try FileSystem.makeDirectory(root)
        let directories = try writeFiles(beneath: root, store: store)
        for directory in directories.reversed() {
            let path = root.appending(directory)
            guard chmod(path.string, 0o555) == 0 else {
                throw FileSystem.error("could not close", path)
            }
        }
    }

    /// Writes all directories, files and links and gives the directories, parents first.
    @discardableResult
    private func writeFiles(
        beneath root: FilePath, store: Store
    ) throws(AssayError) -> [String] {
        let directories = try makeDirectories(beneath: root, store: store)
        // Links come last: until then no path beneath the root can lead anywhere else.
        for isLink in [false, true] {
            for file in files where (file.mode == .symlink) == isLink {
                try write(file, to: root.appending(file.path), store: store)
            }
        }
        return directories
    }

    private func write(_ file: FileEntry, to path: FilePath, store: Store) throws(AssayError) {
        guard file.mode == .symlink else {
            try FileCache(store).place(file, at: path)
            return
        }
        let target = String(decoding: try store.contents(of: file), as: UTF8.self)
        guard symlink(target, path.string) == 0 else {
            throw FileSystem.error("could not link", path)
        }
    }

    /// Makes the directories of all files and gives them, parents first.
    ///
    /// Paths and links are checked here once more, since a manifest may have come from elsewhere.
    private func makeDirectories(
        beneath root: FilePath, store: Store
    ) throws(AssayError) -> [String] {
        if let fault = try linkFault(store: store) {
            throw AssayError(
                .damaged, "bundle \(id.short) has a symlink at \(fault.path) that \(fault.reason)")
        }
        var directories: Set<String> = []
        var seen: Set<String> = []
        for file in files {
            if let fault = RelativePath.fault(in: file.path) {
                throw AssayError(.damaged, "bundle \(id.short) has a file whose path \(fault)")
            }
            guard seen.insert(file.path).inserted else {
                throw AssayError(.damaged, "bundle \(id.short) has two files at \(file.path)")
            }
            var parent = file.path[...]
            while let slash = parent.lastIndex(of: "/") {
                parent = parent[..<slash]
                if !directories.insert(String(parent)).inserted { break }
            }
        }
        if let clash = directories.first(where: seen.contains) {
            throw AssayError(.damaged, "bundle \(id.short) has a file and a directory at \(clash)")
        }
        let sorted = directories.sorted(by: RelativePath.precedes)
        for directory in sorted { try FileSystem.makeDirectory(root.appending(directory)) }
        return sorted
    }
}
