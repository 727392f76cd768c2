public import AssayCore
import AssaySystem
import Glibc
public import SystemPackage

extension FileCache {
    /// What the cache may take by default.
    public static let defaultLimit = 32 << 30
    /// What was used within this time stays, whatever the limit: a day, in nanoseconds.
    static let grace: Int64 = 86_400_000_000_000

    /// Where whole trees lie: `<name>`, with the time of its last use on `<name>.lock`.
    public var trees: FilePath { store.cache.appending("trees") }

    /// Notes that a tree is in use now.
    public func used(_ tree: String, now: Int64) throws(AssayError) {
        let path = trees.appending("\(tree).lock")
        let stamp = timespec(tv_sec: Int(now / 1_000_000_000), tv_nsec: Int(now % 1_000_000_000))
        guard unsafe utimensat(AT_FDCWD, path.string, [stamp, stamp], 0) == 0 else {
            throw FileSystem.error("could not note the use of", path)
        }
    }

    /// Removes trees, those not used for longest first, until the cache takes `limit` bytes or less;
    /// then whole files that are in no tree, the same way. What was used within a day stays.
    ///
    /// Gives the bytes that are left, those that clones share counted for each. Costs a look at every file of the cache. Several processes
    /// may trim at once.
    @discardableResult
    public func trim(to limit: Int = defaultLimit, now: Int64) throws(AssayError) -> Int {
        var sizes: [Inode: (size: Int, links: Int)] = [:]
        var candidates: [(name: String, used: Int64, inodes: [Inode])] = []
        for name in try Self.names(in: trees) where !name.hasPrefix(".") {
            guard !name.hasSuffix(".lock") else { continue }
            var inodes: [Inode] = []
            try Self.visit(trees.appending(name)) { status in
                let inode = Inode(device: status.device, number: status.inode)
                sizes[inode, default: (status.size, 0)].links += 1
                inodes.append(inode)
            }
            let lock = try FileSystem.status(of: trees.appending("\(name).lock"))
            candidates.append((name, lock?.modified ?? 0, inodes))
        }
        var single: [(path: FilePath, used: Int64, inode: Inode)] = []
        for name in try Self.names(in: files) where !name.hasPrefix(".") {
            let path = files.appending(name)
            guard let status = try FileSystem.status(of: path) else { continue }
            let inode = Inode(device: status.device, number: status.inode)
            sizes[inode, default: (status.size, 0)].links += 1
            // The time of status changes with each link that is made or removed.
            single.append((path, status.changed, inode))
        }
        var total = sizes.values.reduce(0) { $0 + $1.size }
        func drop(_ inode: Inode) {
            guard var entry = sizes[inode] else { return }
            entry.links -= 1
            sizes[inode] = entry
            if entry.links == 0 { total -= entry.size }
        }
        for tree in candidates.sorted(by: { $0.used < $1.used }) {
            guard total > limit, now - tree.used > Self.grace else { break }
            try removeTree(tree.name)
            for inode in tree.inodes { drop(inode) }
        }
        for file in single.sorted(by: { $0.used < $1.used }) {
            guard total > limit else { break }
            guard sizes[file.inode]?.links == 1, now - file.used > Self.grace else { continue }
            try FileSystem.remove(file.path)
            drop(file.inode)
        }
        return total
    }

    /// Removes a tree under its lock, out of sight first, so that nobody meets half of it.
    func removeTree(_ name: String) throws(AssayError) {
        let held = try FileLock.acquire(
            trees.appending("\(name).lock"), patience: .seconds(1800))
        try discard(trees.appending(name))
        _ = held
    }

    /// Removes a tree whose lock the caller holds.
    public func discard(_ tree: FilePath) throws(AssayError) {
        guard FileSystem.exists(tree) else { return }
        let place = try TemporaryDirectory(in: trees, prefix: ".removed-")
        _ = chmod(tree.string, 0o755)
        try FileSystem.rename(tree, to: place.path.appending("tree"))
    }

    private struct Inode: Hashable {
        let device: UInt64, number: UInt64
    }

    private static func names(in directory: FilePath) throws(AssayError) -> [String] {
        FileSystem.exists(directory) ? try FileSystem.names(in: directory) : []
    }

    private static func visit(
        _ path: FilePath, _ body: (FileSystem.Status) -> Void
    ) throws(AssayError) {
        guard let status = try FileSystem.status(of: path) else { return }
        guard status.kind == .directory else { return body(status) }
        for name in try FileSystem.names(in: path) { try visit(path.appending(name), body) }
    }
}
