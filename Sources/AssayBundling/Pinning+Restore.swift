public import AssayCore
public import AssayGit
public import AssayStore
import AssaySystem
import Glibc
import SystemPackage

extension Pinning {
    /// A file that was put back.
    public struct Restored: Hashable, Sendable {
        /// The path, relative to the directory of `assay.yaml`.
        public let path: String
        /// The size in bytes.
        public let size: Int
    }

    /// Puts pinned files back into the work tree as `assay.lock` has them, as after a checkout of
    /// another commit.
    ///
    /// `paths` are relative to the directory of `assay.yaml`, which itself is `""`; of a directory all
    /// pins beneath it are meant, and no path means all. Files that are as pinned are left alone. A changed file is only
    /// replaced if the store has its present bytes too, or with `force`; all is looked at before the
    /// first file is written, and each is replaced in one step. `restoring` is told of each.
    ///
    /// Throws `.usage` for a path without a pin, `.conflict` for what would be lost or is in the way,
    /// `.notFound` for a content that the store does not have. Costs reading changed files and
    /// writing those that are put back.
    public static func restore(
        _ paths: [String], directory: String, repository: Repository, store: Store,
        force: Bool = false, restoring: (Restored) -> Void = { _ in }
    ) throws(AssayError) -> [Restored] {
        let place = try serviceDirectory(directory, repository)
        let pins = try chosen(paths, of: try read(in: place))
        let writer = try ContentWriter(store)
        var stats = try StatCache(store)
        var wanted: [FileEntry] = []
        for (path, pin, state) in try states(of: pins, in: place, &stats) {
            switch state {
            case .unchanged, .untracked: continue
            case .missing: break
            case .changed:
                try checkLoss(of: path, at: place.appending(path), writer, force, &stats)
            }
            guard try writer.holds(pin.digest, size: pin.size) else {
                throw AssayError(
                    .notFound,
                    "could not restore \(path): its content, \(pin.digest) of "
                        + "\(ByteCount(pin.size)), is not in the store \(store.root)",
                    hint:
                        "push it from where it was tracked with `assay push`, and run `assay pull` here"
                )
            }
            wanted.append(TrackedContent.entry(path, pin))
        }
        var done: [Restored] = []
        for file in wanted {
            try putBack(file, in: place, from: writer)
            let restored = Restored(path: file.path, size: file.size)
            restoring(restored)
            done.append(restored)
        }
        return done
    }

    /// The pins that `restore` would have to put back: those of files that are missing or changed. Costs
    /// reading changed files.
    public static func wanted(
        _ paths: [String], directory: String, repository: Repository, store: Store
    ) throws(AssayError) -> PinFile {
        let place = try serviceDirectory(directory, repository)
        let pins = try chosen(paths, of: try read(in: place))
        var stats = try StatCache(store)
        var wanted = PinFile()
        for (path, pin, state) in try states(of: pins, in: place, &stats)
        where state != .unchanged {
            wanted[path] = pin
        }
        try stats.save()
        return wanted
    }

    /// How the files of pins stand. Throws as `checkWay` does before any is touched.
    private static func states(
        of pins: PinFile, in place: FilePath, _ stats: inout StatCache
    ) throws(AssayError) -> [(path: String, pin: PinFile.Pin, state: Status.State)] {
        var states: [(path: String, pin: PinFile.Pin, state: Status.State)] = []
        for path in pins.paths {
            guard let pin = pins[path] else { continue }
            try checkWay(to: path, in: place)
            states.append((path, pin, try state(of: place.appending(path), pin, &stats)))
        }
        return states
    }

    /// The pins of some paths and of what is beneath them; all for none.
    private static func chosen(
        _ paths: [String], of pins: PinFile
    ) throws(AssayError) -> PinFile {
        guard !paths.isEmpty, !paths.contains("") else { return pins }
        var chosen = PinFile()
        for path in paths {
            let within = pins.paths(within: path)
            guard !within.isEmpty else {
                throw AssayError(
                    .usage, "could not restore \(path): \(PinFile.fileName) has no pin of it",
                    hint: "see `assay track --status` for what is tracked")
            }
            for name in within { chosen[name] = pins[name] }
        }
        return chosen
    }

    /// Throws if a name above the file is anything but a directory, as through a symlink the file would
    /// be written elsewhere, or if what has its name is no file.
    private static func checkWay(to path: String, in place: FilePath) throws(AssayError) {
        var above = place
        for name in path.split(separator: "/").dropLast() {
            above.append(String(name))
            guard let status = try FileSystem.status(of: above) else { return }
            guard status.kind == .directory else {
                throw AssayError(
                    .conflict, "could not restore \(path): \(above) is in the way, no directory",
                    hint: "move it away")
            }
        }
        let kind = try FileSystem.status(of: place.appending(path))?.kind
        guard kind == nil || kind == .file || kind == .symlink else {
            throw AssayError(
                .conflict, "could not restore \(path): what is there is no plain file",
                hint: "move it away")
        }
    }

    /// Throws if a file that is to be replaced holds bytes that are nowhere else.
    private static func checkLoss(
        of path: String, at target: FilePath, _ writer: ContentWriter, _ force: Bool,
        _ stats: inout StatCache
    ) throws(AssayError) {
        guard let status = try FileSystem.status(of: target), status.kind == .file else {
            throw AssayError(
                .conflict, "could not restore \(path): a symlink to other bytes is there",
                hint: "move it away")
        }
        if force { return }
        let present = try stats.digest(ofFileAt: target)
        guard try !writer.holds(present, size: status.size) else { return }
        throw AssayError(
            .conflict,
            "could not restore \(path): it was changed since it was tracked, and the store does not "
                + "have the change",
            hint: "keep it with `assay track \(path)`, or give it up with --force")
    }

    private static func putBack(
        _ file: FileEntry, in place: FilePath, from writer: ContentWriter
    ) throws(AssayError) {
        let target = place.appending(file.path)
        let parent = target.removingLastComponent()
        try FileSystem.makeDirectory(parent)
        let temporary = try TemporaryDirectory(in: parent, prefix: ".assay-restore-")
        let whole = temporary.path.appending("file")
        try writer.extract(file, to: whole)
        guard chmod(whole.string, 0o644) == 0 else {
            throw FileSystem.error("could not set the mode of", whole)
        }
        try OpenFile.reading(whole).sync()
        try FileSystem.rename(whole, to: target)
    }
}
