public import AssayCore

/// What a document in the store leads to.
public struct DocumentLinks: Sendable {
    /// A blob that a document names.
    public struct Link: Hashable, Sendable {
        /// The blob.
        public let digest: Digest
        /// Its size, where the document says it.
        public let size: Int?
        /// Whether the document is hurt if the blob is not there; if not, the blob is kept all the same.
        public let isRequired: Bool
        /// Whether the blob may be a document with links of its own.
        public let isDocument: Bool

        /// Makes a link.
        public init(
            _ digest: Digest, size: Int? = nil, isRequired: Bool = true, isDocument: Bool = false
        ) {
            self.digest = digest
            self.size = size
            self.isRequired = isRequired
            self.isDocument = isDocument
        }
    }

    /// The blobs it names.
    public var links: [Link]
    /// The bytes it would take with nothing shared; `nil` for its own and those of its links.
    public var logicalSize: Int?

    /// Makes the links of a document.
    public init(_ links: [Link], logicalSize: Int? = nil) {
        self.links = links
        self.logicalSize = logicalSize
    }
}

/// Reads the links of documents by their schema: the member `schema`, or `_type` of a statement.
///
/// The store knows manifests itself. Of a JSON document whose schema nobody reads, every digest that
/// it mentions counts as a link that is not required, so that nothing of it is lost.
public struct LinkReader: Sendable {
    /// Reads one kind of document.
    public typealias Body = @Sendable (JSONReader) throws(AssayError) -> DocumentLinks

    private let bodies: [String: Body]

    /// Makes a reader of the schemas that are the keys of `bodies`.
    public init(_ bodies: [String: Body] = [:]) {
        self.bodies = bodies
    }

    func links(_ value: JSONValue, name: String) throws(AssayError) -> DocumentLinks {
        let root = JSONReader(value, document: name)
        for key in ["schema", "_type"] {
            if case .string(let schema)? = root[key].value, let body = bodies[schema] {
                return try body(root)
            }
        }
        return DocumentLinks(
            Self.digests(in: value).sorted().map {
                .init($0, isRequired: false, isDocument: true)
            })
    }

    private static func digests(in value: JSONValue) -> Set<Digest> {
        switch value {
        case .string(let text): Digest(text).map { [$0] } ?? []
        case .array(let elements): elements.reduce(into: []) { $0.formUnion(digests(in: $1)) }
        case .object(let members): members.values.reduce(into: []) { $0.formUnion(digests(in: $1)) }
        default: []
        }
    }
}
