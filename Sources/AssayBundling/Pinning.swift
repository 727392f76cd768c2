public import AssayCore
public import AssayGit
public import AssayStore
import AssaySystem
public import SystemPackage

/// Pins data and weights that git does not hold in `assay.lock`, and their content in the store.
public enum Pinning {
    /// What happened to one path.
    public struct Outcome: Hashable, Sendable {
        /// The path, relative to the directory of `assay.yaml`.
        public let path: String
        /// What happened to its pin.
        public let kind: Kind
        /// The size of the file; 0 for a pin that was removed.
        public let size: Int

        /// What can happen to a pin.
        public enum Kind: String, Hashable, Sendable {
            case added, updated, unchanged, removed
        }
    }

    /// Puts files into the store and pins them; commit `assay.lock` to make them count.
    ///
    /// `paths` are files or directories as the caller named them, `directory` is the place of
    /// `assay.yaml` inside the repository (`""` for its root). Of a directory every file is
    /// pinned, and pins of files that are gone from it are removed. Reads each file once. Several
    /// processes may track at once; none of their pins is lost. `assay.lock` is replaced in one
    /// step, after the contents are in the store. A file that did not change since it was tracked
    /// last is not read.
    ///
    /// Throws `.usage` for files that git tracks, that are outside, or that are no files.
    public static func track(
        _ paths: [FilePath], directory: String, repository: Repository, store: Store
    ) throws(AssayError) -> [Outcome] {
        let place = try serviceDirectory(directory, repository)
        let finder = try TrackedPath(serviceDirectory: place)
        let tracked = try pathsInGit(directory, repository)
        let kinds = try PinKinds(serviceDirectory: place)

        var found: [(path: String, pin: PinFile.Pin)] = []
        var roots: [String] = []
        // The store's caches and the lock are read while the files are looked at.
        let looking = try BackgroundCall { () throws(AssayError) in
            var named: [(relative: String, files: [TrackedPath.Found])] = []
            for path in paths { named.append(try finder.files(named: path)) }
            return named
        }
        let opening = Result { () throws(AssayError) in
            (try ContentWriter(store), try ReadLock(in: place))
        }
        let named = try looking.value()
        let (writer, early) = try opening.get()
        for (relative, files) in named {
            roots.append(relative)
            var kept: [PinFile.Kind] = []
            var adding: [FileToAdd] = []
            for file in files {
                guard !tracked.contains(file.path) else {
                    throw AssayError(
                        .usage, "could not track \(file.path): git tracks it already",
                        hint:
                            "leave it to git, or take it out first with `git rm --cached \(file.path)`"
                    )
                }
                let (kind, grain) = kinds.of(file.path)
                kept.append(kind)
                adding.append(
                    FileToAdd(
                        root: finder.root, path: file.path, status: file.status, grain: grain))
            }
            for (index, added) in try writer.add(adding).enumerated() {
                let pin = PinFile.Pin(
                    digest: added.digest, size: added.size, kind: kept[index])
                found.append((files[index].path, pin))
            }
        }
        if paths.count > 1 {
            // Of paths within one another a file is found twice.
            found = Dictionary(
                found.map { ($0.path, $0.pin) }, uniquingKeysWith: { _, last in last }
            ).map { ($0.key, $0.value) }
        }
        try writer.keep(
            found.compactMap { path, pin in
                writer.isNew(pin.digest) ? TrackedContent.entry(path, pin) : nil
            })
        return try record(found, roots: roots, place: place, early, repository: repository)
    }

    private static func record(
        _ found: [(path: String, pin: PinFile.Pin)], roots: [String], place: FilePath,
        _ early: ReadLock, repository: Repository
    ) throws(AssayError) -> [Outcome] {
        let held = try FileLock.acquire(repository.gitDirectory.appending("assay-track.lock"))
        let before = try ReadLock(in: place, before: early).pins
        var file = before
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(found.count)
        var met = 0
        for (path, pin) in found {
            let old = file[path]
            if old != nil { met += 1 }
            if old != pin { file[path] = pin }
            let kind: Outcome.Kind =
                old == nil ? .added : old?.digest == pin.digest ? .unchanged : .updated
            outcomes.append(Outcome(path: path, kind: kind, size: pin.size))
        }
        let within = before.pins.keys.filter { path in
            roots.contains { RelativePath.isWithin(path, $0) }
        }
        if within.count > met {
            let present = Set(found.map(\.path))
            for path in within where !present.contains(path) {
                file[path] = nil
                outcomes.append(Outcome(path: path, kind: .removed, size: 0))
            }
        }
        let target = place.appending(PinFile.fileName)
        if file != before || !FileSystem.exists(target) {
            try FileSystem.replace(target, with: file.bytes)
        }
        _ = held
        return outcomes.sorted { RelativePath.precedes($0.path, $1.path) }
    }

    /// The pins of the work tree, `directory` being the place of `assay.yaml` in it; none if there is no
    /// `assay.lock`.
    public static func pins(
        directory: String, repository: Repository
    ) throws(AssayError) -> PinFile {
        try read(in: try serviceDirectory(directory, repository))
    }

    static func read(in place: FilePath) throws(AssayError) -> PinFile {
        try ReadLock(in: place).pins
    }

    static func serviceDirectory(
        _ directory: String, _ repository: Repository
    ) throws(AssayError) -> FilePath {
        guard let workTree = repository.workTree else {
            throw AssayError(
                .repository,
                "\(repository.gitDirectory) is a bare repository: it has no files to track")
        }
        return directory.isEmpty ? workTree : workTree.appending(directory)
    }
}

/// `assay.lock` of a work tree as it was read.
struct ReadLock {
    private let bytes: [UInt8]?
    /// None if there is no file.
    let pins: PinFile

    /// Reads the file; one with the bytes of `before` is not parsed again.
    init(in place: FilePath, before: ReadLock? = nil) throws(AssayError) {
        let path = place.appending(PinFile.fileName)
        guard FileSystem.exists(path) else {
            (bytes, pins) = (nil, PinFile())
            return
        }
        let read = try FileSystem.read(path, limit: 1 << 28)
        bytes = read
        if let before, before.bytes == read {
            pins = before.pins
        } else {
            pins = try PinFile.parse(read, file: path.string)
        }
    }
}

/// Which part of a service a path is, as far as `assay.yaml` of the work tree says.
struct PinKinds {
    private let definition: ServiceDefinition?

    init(serviceDirectory: FilePath) throws(AssayError) {
        let path = serviceDirectory.appending(ServiceDefinition.fileName)
        guard FileSystem.exists(path) else {
            definition = nil
            return
        }
        definition = try ServiceDefinition.parse(
            try FileSystem.read(path, limit: 1 << 24), file: path.string)
    }

    /// The part, and how finely it is to be cut.
    func of(_ path: String) -> (PinFile.Kind, SegmentGrain) {
        func item(_ items: [ServiceDefinition.Item]) -> ServiceDefinition.Item? {
            items.first { item in item.path.map { RelativePath.isWithin(path, $0) } ?? false }
        }
        guard let definition else { return (.file, .standard) }
        if let weights = item(definition.weights) { return (.weights, weights.grain) }
        if let data = item(definition.data) { return (.data, data.grain) }
        let isFeature = definition.features.contains { RelativePath.isWithin(path, $0) }
        return (isFeature ? .features : .file, .standard)
    }
}
