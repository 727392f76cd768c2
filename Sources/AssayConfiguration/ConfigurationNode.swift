public import AssayCore

/// One value of a configuration document, with the place where it stands.
public struct ConfigurationNode: Hashable, Sendable {
    /// What the value is.
    public let content: Content
    /// Where it begins.
    public let location: SourceLocation
    /// Where it is in the document, as in `checks[3].limit`; empty for the root.
    public let path: String

    /// The three forms a value can have.
    public enum Content: Hashable, Sendable {
        /// Text; plain when it stands without quotes.
        case text(String, isPlain: Bool)
        /// A list.
        case list([ConfigurationNode])
        /// A mapping, its entries in the order in which they were written.
        case mapping([Entry])
    }

    /// One entry of a mapping.
    public struct Entry: Hashable, Sendable {
        /// The key, always text.
        public let key: String
        /// Where the key begins.
        public let location: SourceLocation
        /// The value.
        public let value: ConfigurationNode

        /// Makes an entry.
        public init(key: String, location: SourceLocation, value: ConfigurationNode) {
            self.key = key
            self.location = location
            self.value = value
        }
    }

    /// Makes a node.
    public init(_ content: Content, at location: SourceLocation, path: String) {
        self.content = content
        self.location = location
        self.path = path
    }

    /// Whether this is a mapping.
    public var isMapping: Bool {
        if case .mapping = content { true } else { false }
    }

    /// Whether this is text.
    public var isText: Bool {
        if case .text = content { true } else { false }
    }

    /// Whether nothing was written here, as after `key:`.
    public var isEmpty: Bool { content == .text("", isPlain: true) }

    /// An error at this place; the sentence should name the object.
    public func failure(_ sentence: String, hint: String? = nil) -> AssayError {
        AssayError(.invalidDocument, sentence, hint: hint, at: location)
    }

    /// The name of this place for a sentence: its path in backquotes, or `the document`.
    public var name: String { path.isEmpty ? "the document" : "`\(path)`" }

    /// An error that says what was expected here.
    func mismatch(_ expected: String) -> AssayError {
        let found =
            switch content {
            case .text("", isPlain: true): "empty"
            case .text(let text, _): "`\(text.prefix(60))`"
            case .list: "a list"
            case .mapping: "a mapping"
            }
        return failure("\(name) must be \(expected); it is \(found)")
    }
}
