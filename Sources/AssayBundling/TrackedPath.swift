import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// Turns what a person names on the command line into files beneath a service's directory.
struct TrackedPath {
    /// The real path of the service's directory: no symlink in it.
    let root: FilePath

    /// One file, by its path from the root.
    struct Found: Hashable {
        let path: String
        let status: FileSystem.Status
    }

    init(serviceDirectory: FilePath) throws(AssayError) {
        root = try Self.realPath(serviceDirectory)
    }

    /// The files that `path` names: itself, or all beneath it, relative to the root, sorted.
    ///
    /// Throws for what cannot be pinned: nothing there, a device, a symlink that leads out of the
    /// directory, a path outside of it.
    func files(named path: FilePath) throws(AssayError) -> (relative: String, files: [Found]) {
        let relative = try relative(path)
        guard let status = try FileSystem.status(of: path) else {
            throw AssayError(.notFound, "could not track \(path): nothing is there")
        }
        let real = try Self.realPath(path)
        guard isBeneath(real) else {
            throw AssayError(
                .usage, "could not track \(relative): it is a symlink that leads out, to \(real)",
                hint: "copy the file into the service's directory")
        }
        let target = status.kind == .symlink ? try FileSystem.status(of: real) : status
        switch target?.kind {
        case .file?: return (relative, [Found(path: relative, status: target ?? status)])
        case .directory?:
            guard status.kind != .symlink else {
                throw AssayError(
                    .usage, "could not track \(relative): it is a symlink to a directory")
            }
            var files: [Found] = []
            try collect(path, relative, into: &files)
            guard !files.isEmpty else {
                throw AssayError(
                    .usage, "could not track \(relative): no file is in that directory")
            }
            return (relative, files)
        default:
            throw AssayError(
                .usage, "could not track \(relative): it is neither a file nor a directory")
        }
    }

    private func collect(
        _ directory: FilePath, _ relative: String, into files: inout [Found]
    ) throws(AssayError) {
        for (name, status) in try FileSystem.entries(in: directory)
        where name != ".git" && name != ".assay" {
            let below = relative.isEmpty ? name : "\(relative)/\(name)"
            if let fault = RelativePath.fault(in: below) {
                throw AssayError(.usage, "could not track \(below): the path \(fault)")
            }
            switch status.kind {
            case .directory: try collect(directory.appending(name), below, into: &files)
            // The directory above is real, and so is a plain file in it.
            case .file: files.append(Found(path: below, status: status))
            default: files += try self.files(named: directory.appending(name)).files
            }
        }
    }

    /// The path from the root, with the directories above the last name resolved.
    private func relative(_ path: FilePath) throws(AssayError) -> String {
        guard let name = path.lastComponent, name.kind == .regular else {
            throw AssayError(
                .usage, "could not track \(path): name the file or directory itself",
                hint: "data and weights are tracked by path, as in `assay track data/train.csv.gz`")
        }
        let parent = path.removingLastComponent()
        let real = try Self.realPath(parent.isEmpty ? "." : parent).appending(name)
        guard isBeneath(real), real != root else {
            throw AssayError(
                .usage, "could not track \(path): it is outside of the service's directory \(root)")
        }
        let relative = String(
            real.string.dropFirst(root.string == "/" ? 1 : root.string.utf8.count + 1))
        if let fault = RelativePath.fault(in: relative) {
            throw AssayError(.usage, "could not track \(path): the path \(fault)")
        }
        if ServiceDefinition.controlFiles.contains(relative) {
            throw AssayError(.usage, "could not track \(relative): it is a file of Assay's own")
        }
        return relative
    }

    private func isBeneath(_ real: FilePath) -> Bool { real.starts(with: root) }

    static func realPath(_ path: FilePath) throws(AssayError) -> FilePath {
        guard let resolved = unsafe realpath(path.string, nil) else {
            throw FileSystem.error("could not find", path)
        }
        defer { unsafe free(resolved) }
        return FilePath(unsafe String(cString: resolved))
    }
}
