public import AssayCore

/// What a check of a store found.
public struct CheckReport: Sendable {
    /// Something that is not as it should be.
    public struct Fault: Sendable {
        /// What kind of thing is hurt.
        public enum Kind: String, Hashable, Sendable {
            /// A blob that something needs is not there.
            case missing
            /// A blob has other bytes, or another size, than its digest or its manifest says.
            case damaged
            /// A ref's file cannot be read, or names what is not there.
            case ref
            /// The log is cut, changed, or speaks of other values than the refs have.
            case log
            /// A lease of a running process that cannot be read.
            case lease
            /// The index, which other tools read, is not what the refs say.
            case index
        }

        /// What kind of thing is hurt.
        public let kind: Kind
        /// The blob, if it is one.
        public let blob: Digest?
        /// One sentence: what is hurt, and how.
        public let message: String
        /// The names that lead to it, sorted: the bundles, captures and evidence that are hurt.
        public let hurt: [String]
        /// How it was mended; `nil` if it is as it was.
        public var repair: String?
    }

    /// What is wrong, in the order in which it was found.
    public internal(set) var faults: [Fault] = []
    /// Sentences about what is unusual and does no harm.
    public internal(set) var notes: [String] = []
    /// The number of names and of blobs looked at.
    public internal(set) var refs = 0, blobs = 0
    /// The bytes of all blobs.
    public internal(set) var bytes = 0
    /// How many blobs, and how many bytes, were hashed.
    public internal(set) var hashed = 0, hashedBytes = 0
    /// How many blobs were to be hashed and were not, because the time was over.
    public internal(set) var left = 0

    /// The faults that are there still.
    public var open: [Fault] { faults.filter { $0.repair == nil } }
}

/// How thoroughly a store is checked.
public enum CheckDepth: Hashable, Sendable {
    /// Existence, size and the graph; of content, documents only.
    case quick
    /// Beside that, hashes this share of all bytes, in per cent, least recently checked first.
    case sample(Double)
    /// Beside that, hashes every blob.
    case full
}
