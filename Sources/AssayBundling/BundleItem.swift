public import AssayCore

/// One piece of data or weights of a bundle, by digest.
public struct BundleItem: Hashable, Sendable {
    /// Its name within the service.
    public let name: String
    /// What kind of content it is, if declared.
    public let kind: String?
    /// What it is.
    public let content: Content

    /// What an item is.
    public enum Content: Hashable, Sendable {
        /// One file; the digest is the plain sha256 of its bytes.
        case file(path: String, digest: Digest)
        /// A directory; the digest is the tree digest of its files.
        case tree(path: String, digest: Digest)
        /// Kept elsewhere, not in the bundle.
        case reference(uri: String, digest: Digest)
    }

    /// Where it is in the bundle; `nil` for one that is kept elsewhere.
    public var path: String? {
        switch content {
        case .file(let path, _), .tree(let path, _): path
        case .reference: nil
        }
    }

    /// The digest of what it is.
    public var digest: Digest {
        switch content {
        case .file(_, let digest), .tree(_, let digest), .reference(_, let digest): digest
        }
    }

    var json: JSONValue {
        var members: [String: JSONValue?] = [
            "name": .string(name), "kind": kind.map(JSONValue.string),
            "digest": JSONValue(digest),
        ]
        switch content {
        case .file(let path, _):
            members["form"] = "file"
            members["path"] = .string(path)
        case .tree(let path, _):
            members["form"] = "tree"
            members["path"] = .string(path)
        case .reference(let uri, _):
            members["form"] = "reference"
            members["uri"] = .string(uri)
        }
        return .object(present: members)
    }

    init(name: String, kind: String?, content: Content) {
        self.name = name
        self.kind = kind
        self.content = content
    }

    init(_ reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["name", "kind", "digest", "form", "path", "uri"])
        name = try reader["name"].string()
        kind = try reader["kind"].ifPresent?.string()
        let digest = try reader["digest"].digest()
        switch try reader["form"].string() {
        case "file": content = .file(path: try reader.path("path"), digest: digest)
        case "tree": content = .tree(path: try reader.path("path"), digest: digest)
        case "reference":
            content = .reference(uri: try reader["uri"].string(), digest: digest)
        default: throw reader["form"].mismatch("one of file, tree and reference")
        }
    }
}

extension JSONReader {
    /// The relative path here, checked: a config may come from elsewhere.
    func path(_ key: String) throws(AssayError) -> String {
        try self[key].path()
    }

    func path() throws(AssayError) -> String {
        let path = try string()
        guard RelativePath.fault(in: path) == nil else {
            throw mismatch("a path inside the bundle")
        }
        return path
    }
}
