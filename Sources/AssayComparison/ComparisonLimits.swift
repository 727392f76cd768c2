/// Bounds that keep hostile and broken answers from costing more than they should.
public struct ComparisonLimits: Hashable, Sendable {
    /// How deep arrays and objects may nest; deeper bodies are compared as text.
    public var depth = 512
    /// The largest body in bytes, content encoding undone, that is read as a document; larger ones
    /// are compared as bytes. Reading costs up to 16 bytes of memory for each byte of the body.
    public var documentSize = 32 << 20
    /// How many bytes a content encoding may unpack to.
    public var decodedSize = 64 << 20
    /// How many differences one pair of answers reports; the rest is counted in a note.
    public var differences = 1000
    /// How many bytes the differences of one pair may take in all.
    public var differenceBytes = 1 << 20

    /// The usual bounds.
    public init() {}
}
