public import AssayCore
import AssaySystem
import SystemPackage

extension Store {
    /// What a name points to; `nil` if there is no such name.
    public func ref(_ name: String) throws(AssayError) -> Ref? {
        try RefName.check(name)
        let path = refPath(name)
        guard let status = try FileSystem.status(of: path), status.kind == .file else { return nil }
        let text = String(decoding: try FileSystem.read(path, limit: 4096), as: UTF8.self)
        guard let ref = Ref(line: text) else {
            throw AssayError(
                .damaged, "ref \(name) in \(path) is damaged: it does not read <digest> <sequence>",
                hint: "run `assay store fsck --repair`, which takes its value from the log")
        }
        return ref
    }

    /// Points a name to a blob, if the name is as expected.
    ///
    /// Throws `.conflict` if it is not. A crash leaves the old value or the new one.
    @discardableResult
    public func setRef(
        _ name: String, to digest: Digest, expecting: RefExpectation = .any
    ) throws(AssayError) -> Ref {
        try RefName.check(name)
        try holding([.init(kind: .root, digest: digest)]) { () throws(AssayError) in
            guard contains(digest) else { throw missing(digest) }
        }
        return try withLock { () throws(AssayError) in
            let old = try expect(expecting, of: name)
            if let old, old.digest == digest { return old }
            let log = RefLog(path: logPath)
            let last: Int
            if let old { last = old.sequence } else { last = try log.lastSequence(of: name) }
            guard last < Int.max else {
                throw AssayError(.damaged, "ref \(name) was changed more often than can be counted")
            }
            let new = Ref(digest: digest, sequence: last + 1)
            let path = refPath(name)
            try FileSystem.makeDirectory(path.removingLastComponent())
            try log.append(name: name, old: old?.digest, new: digest, sequence: new.sequence)
            try FileSystem.replace(path, with: Array(new.line.utf8))
            try writeIndex()
            return new
        }
    }

    /// Removes a name, if it is as expected. The blob stays.
    public func deleteRef(
        _ name: String, expecting: RefExpectation = .any
    ) throws(AssayError) {
        try RefName.check(name)
        try withLock { () throws(AssayError) in
            guard let old = try expect(expecting, of: name) else { return }
            try RefLog(path: logPath).append(
                name: name, old: old.digest, new: nil, sequence: old.sequence)
            let path = refPath(name)
            try FileSystem.remove(path)
            try FileSystem.syncDirectory(path.removingLastComponent())
            try writeIndex()
        }
    }

    /// All names beneath a namespace, sorted, as in `refs(in: "bundle")`; all of the store for `""`.
    public func refs(in namespace: String) throws(AssayError) -> [(name: String, ref: Ref)] {
        if !namespace.isEmpty { try RefName.check(namespace) }
        var found: [(name: String, ref: Ref)] = []
        var pending = [namespace]
        while let place = pending.popLast() {
            let path = place.isEmpty ? refsRoot : refPath(place)
            guard let status = try FileSystem.status(of: path) else { continue }
            if status.kind == .directory {
                for name in try FileSystem.names(in: path) where !name.hasPrefix(".") {
                    pending.append(place.isEmpty ? name : "\(place)/\(name)")
                }
            } else if let ref = try ref(place) {
                found.append((place, ref))
            }
        }
        return found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private func refPath(_ name: String) -> FilePath { refsRoot.appending(name) }

    private func expect(_ expectation: RefExpectation, of name: String) throws(AssayError) -> Ref? {
        let old = try ref(name)
        switch expectation {
        case .any: return old
        case .absent where old == nil: return nil
        case .exactly(let value) where old == value: return old
        default:
            throw AssayError(
                .conflict,
                "ref \(name) was changed by somebody else meanwhile; it is now "
                    + (old.map { "\($0.digest)" } ?? "absent"),
                hint: "run the command again on the new state")
        }
    }

    /// Rewrites `index.json`, which other tools read: every ref that names a manifest.
    ///
    /// It is a view and never the truth; a store whose index is lost has lost nothing.
    func writeIndex() throws(AssayError) {
        try FileSystem.replace(root.appending("index.json"), with: try indexBytes())
    }

    /// What `index.json` should hold.
    func indexBytes() throws(AssayError) -> [UInt8] {
        var manifests: [JSONValue] = []
        for (name, ref) in try refs(in: "bundle") + refs(in: "capture") {
            if let entry = try indexEntry(name, ref.digest) { manifests.append(entry) }
        }
        let index: JSONValue = [
            "schemaVersion": 2, "mediaType": JSONValue(MediaType.index),
            "manifests": .array(manifests),
        ]
        return CanonicalJSON.encode(index)
    }

    /// What `index.json` says of a name; `nil` if it does not name a manifest that can be read.
    func indexEntry(_ name: String, _ digest: Digest) throws(AssayError) -> JSONValue? {
        let status = try FileSystem.status(of: blobPath(digest))
        guard let status, let artifact = try? manifest(digest) else { return nil }
        return [
            "mediaType": JSONValue(MediaType.manifest), "digest": JSONValue(digest),
            "size": JSONValue(status.size), "artifactType": JSONValue(artifact.artifactType),
            "annotations": ["org.opencontainers.image.ref.name": JSONValue(name)],
        ]
    }
}
