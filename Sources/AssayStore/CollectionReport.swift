public import AssayCore

/// What garbage collection finds in a store, and what it did about it.
public struct CollectionReport: Sendable {
    /// Why something stays or goes.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// A ref leads to it.
        case named
        /// A running process works with it, and no ref leads to it.
        case inUse = "in-use"
        /// Only the history of promotions leads to it.
        case promoted
        /// Nothing leads to it, but it is younger than the grace.
        case young
        /// Nothing leads to it, and its time lies in the future or before the store was made.
        case clock
        /// Nothing leads to it: it goes to the trash.
        case unreferenced
        /// A process that died was writing it: it is removed.
        case abandoned
        /// The lease of a process that died: it is removed.
        case deadLease = "dead-lease"
        /// It lay in the trash for long enough: it is removed.
        case expired

        /// Whether collection takes it away.
        public var isGarbage: Bool {
            switch self {
            case .named, .inUse, .promoted, .young, .clock: false
            case .unreferenced, .abandoned, .deadLease, .expired: true
            }
        }
    }

    /// How many files and bytes a reason has.
    public struct Amount: Hashable, Sendable {
        /// The number of files.
        public var count = 0
        /// Their bytes.
        public var bytes = 0

        mutating func add(_ bytes: Int, count: Int = 1) {
            self.count += count
            self.bytes += bytes
        }
    }

    /// The amounts by reason.
    public internal(set) var amounts: [Reason: Amount] = [:]
    /// The blobs that go, or went, to the trash, sorted, with their sizes.
    public internal(set) var unreferenced: [(digest: Digest, size: Int)] = []
    /// Blobs that seem to be older than the store.
    var implausible: [Digest] = []
    /// Sentences about leases and ingest directories of processes that died.
    public internal(set) var notes: [String] = []
    /// Whether it was done, or only looked at.
    public internal(set) var isApplied = false

    /// The amount of one reason.
    public subscript(reason: Reason) -> Amount { amounts[reason] ?? Amount() }

    /// What leaves the store's disk at once or, through the trash, later.
    public var garbage: Amount {
        amounts.filter(\.key.isGarbage).values.reduce(into: Amount()) {
            $0.add($1.bytes, count: $1.count)
        }
    }

    mutating func add(_ reason: Reason, bytes: Int, count: Int = 1) {
        amounts[reason, default: Amount()].add(bytes, count: count)
    }
}
