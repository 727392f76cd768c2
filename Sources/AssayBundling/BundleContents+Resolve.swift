import AssayCore
import AssayGit
import AssayStore
import AssaySystem
import SystemPackage

extension BundleContents {
    /// The files at and beneath a declared path: from the commit where git tracks them, from their
    /// pins where it does not, else from DVC's cache.
    func resolve(_ path: String, name: String) throws(AssayError) -> [FileEntry] {
        var found: [FileEntry] = []
        let tracked = tree.paths(within: path)
        for file in tracked { found.append(try fromTree(file)) }
        for file in pins.paths(within: path) where tree.files[file] == nil {
            guard let pin = pins[file] else { continue }
            found.append(try pinned(file, pin, name: name))
        }
        guard found.isEmpty else {
            return found.sorted { RelativePath.precedes($0.path, $1.path) }
        }
        if let kept = try fromDVC(path, name: name) { return kept }
        throw AssayError(
            .notFound,
            "could not find \(name): \(path) is neither in \(tree.name) nor pinned in its \(PinFile.fileName)",
            hint: "run `assay track \(prefixed(path))` and commit \(PinFile.fileName)")
    }

    /// A file by its pin: out of the store, or from a work tree whose bytes match.
    private func pinned(
        _ path: String, _ pin: PinFile.Pin, name: String
    ) throws(AssayError) -> FileEntry {
        if try isHere(pin.digest, size: pin.size) {
            return entry(path, .regular, pin.digest, pin.size)
        }
        var looked = ["the store \(writer.store.root)"]
        if let workTree = tree.repository.workTree {
            let place = workTree.appending(prefixed(path))
            switch try matching(path, at: place, pin) {
            case .stored: return entry(path, .regular, pin.digest, pin.size)
            case .absent: looked.append("\(place) (not there)")
            case .different: looked.append("\(place) (other bytes)")
            }
        } else {
            looked.append("no work tree, as the repository is bare")
        }
        throw AssayError(
            .notFound,
            "could not find the content of \(name): \(path), pinned as \(pin.digest) of \(ByteCount(pin.size)), is not in \(looked.joined(separator: ", nor in "))",
            hint:
                "fetch what \(PinFile.fileName) pins with `assay pull`, or put the file back and run "
                + "`assay track \(prefixed(path))`"
        )
    }

    private func isHere(_ digest: Digest, size: Int) throws(AssayError) -> Bool {
        if trustsPins { return true }
        return try writer.holds(digest, size: size)
    }

    private enum Match { case stored, absent, different }

    private func matching(
        _ path: String, at place: FilePath, _ pin: PinFile.Pin
    ) throws(AssayError) -> Match {
        guard let status = try FileSystem.status(of: place), status.kind == .file else {
            return .absent
        }
        guard status.size == pin.size else { return .different }
        let added = try writer.add(fileAt: place, grain: definition.grain(of: path))
        return added.digest == pin.digest ? .stored : .different
    }

    /// The large file behind a pointer of Git LFS, from the store or from git's own LFS objects.
    func largeFile(
        _ pointer: LargeFilePointer, path: String, mode: SourceTree.File.Mode
    ) throws(AssayError) -> FileEntry {
        if try isHere(pointer.digest, size: pointer.size) {
            return entry(path, mode.fileMode, pointer.digest, pointer.size)
        }
        let hex = pointer.digest.hex
        let objects = tree.repository.commonDirectory.appending("lfs").appending("objects")
        let place = objects.appending(String(hex.prefix(2)))
            .appending(String(hex.dropFirst(2).prefix(2))).appending(hex)
        if FileSystem.exists(place) {
            let put = try writer.add(fileAt: place, grain: definition.grain(of: path))
            if put.digest == pointer.digest {
                return entry(path, mode.fileMode, put.digest, put.size)
            }
        }
        throw AssayError(
            .notFound,
            "could not take \(path) into a bundle: \(tree.name) has a Git LFS pointer in its place, and the file itself (\(pointer.digest)) is neither in the store nor in \(objects)",
            hint: "fetch it with `git lfs pull --include \(prefixed(path))`")
    }
}
