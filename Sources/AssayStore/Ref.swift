public import AssayCore

/// What a name in the store points to.
public struct Ref: Hashable, Sendable {
    /// The blob it names: a manifest, or a document of its own.
    public let digest: Digest
    /// How often the name was set, from 1; it tells a value that came back from one never changed.
    public let sequence: Int

    /// Makes a ref.
    public init(digest: Digest, sequence: Int) {
        self.digest = digest
        self.sequence = sequence
    }

    /// The content of the ref's file: `<digest> <sequence>\n`.
    var line: String { "\(digest) \(sequence)\n" }

    /// Reads the content of a ref's file; `nil` if it is anything else.
    init?(line: String) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, line.hasSuffix("\n"), let digest = Digest(parts[0]),
            let sequence = Int(parts[1].dropLast()), sequence > 0
        else { return nil }
        self.init(digest: digest, sequence: sequence)
        guard self.line == line else { return nil }
    }
}

/// What a ref must be for a change to go ahead.
public enum RefExpectation: Hashable, Sendable {
    /// Anything, also nothing.
    case any
    /// No such ref.
    case absent
    /// Just this value.
    case exactly(Ref)
}
