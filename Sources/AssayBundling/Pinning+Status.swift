public import AssayCore
public import AssayGit
public import AssayStore
import AssaySystem
import SystemPackage

extension Pinning {
    /// How a file stands against its pin.
    public struct Status: Hashable, Sendable {
        /// The path, relative to the directory of `assay.yaml`.
        public let path: String
        /// How it stands.
        public let state: State

        /// How a file can stand against its pin.
        public enum State: String, Hashable, Sendable, CaseIterable {
            /// As pinned.
            case unchanged
            /// Other bytes than pinned.
            case changed
            /// Pinned, and not in the work tree; the store may still have it.
            case missing
            /// Named in `assay.yaml`, held neither by git nor by a pin.
            case untracked
        }
    }

    /// How every pinned file of the work tree, and every item of `assay.yaml`, stands.
    ///
    /// Costs reading each pinned file whose size is as pinned and that changed since it was read
    /// last, as far as the cache of `store` tells.
    public static func status(
        directory: String, repository: Repository, store: Store? = nil
    ) throws(AssayError) -> [Status] {
        var stats = try StatCache(store)
        let place = try serviceDirectory(directory, repository)
        let file = try read(in: place)
        var result: [Status] = []
        for path in file.paths {
            guard let pin = file[path] else { continue }
            let state = try state(of: place.appending(path), pin, &stats)
            result.append(Status(path: path, state: state))
        }
        try stats.save()
        let definitionFile = place.appending(ServiceDefinition.fileName)
        guard FileSystem.exists(definitionFile) else { return result }
        let definition = try ServiceDefinition.parse(
            try FileSystem.read(definitionFile, limit: 1 << 24), file: definitionFile.string)
        let tracked = try pathsInGit(directory, repository)
        let wanted = (definition.data + definition.weights).compactMap(\.path) + definition.features
        for path in wanted
        where file.paths(within: path).isEmpty
            && !tracked.contains(where: { RelativePath.isWithin($0, path) })
        {
            result.append(Status(path: path, state: .untracked))
        }
        return result.sorted { RelativePath.precedes($0.path, $1.path) }
    }

    static func state(
        of path: FilePath, _ pin: PinFile.Pin, _ stats: inout StatCache
    ) throws(AssayError) -> Status.State {
        guard let status = try FileSystem.status(of: path) else { return .missing }
        if status.kind == .file, status.size != pin.size { return .changed }
        guard FileSystem.leadsToFile(path) else { return .changed }
        return try stats.digest(ofFileAt: path) == pin.digest ? .unchanged : .changed
    }
}
