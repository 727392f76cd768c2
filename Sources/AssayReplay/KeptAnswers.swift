public import AssayCore
import AssayEvidence
public import AssayStore

/// What the arms of a replay have answered so far that are served one after another, so that a replay
/// which was stopped goes on from there.
///
/// A document of the store; the answers themselves are blobs of lines, which it names.
public struct KeptAnswers: Hashable, Sendable {
    /// The schema that the document names.
    public static let schema = "assay/answers/v1"

    /// The service's name, and the capture that is replayed.
    public var service: String, capture: Digest
    /// What each arm did, by its name.
    public var arms: [String: Arm] = [:]

    /// One arm.
    public struct Arm: Hashable, Sendable {
        /// Blobs of answers, and how many those are.
        public var blobs: [Digest] = [], count = 0
        /// How often it was started, and how often that was after a crash or hang.
        var starts = 0, restarts = 0
        /// What it asked outside all exchanges, and in other protocols.
        var strayMisses = 0, straySupplied: Set<Int> = [], foreign: Set<String> = []
        /// Places that redaction took from its answers, and sentences about bodies that it could not
        /// read: the answers are kept without them.
        var uncompared: Set<String> = [], notes: Set<String> = []
        /// How long sending to it took, in nanoseconds, over all its processes.
        var nanoseconds: Int64 = 0

        /// Adds the counts of a process that answered for the arm.
        mutating func add(_ other: Arm) {
            starts += other.starts
            restarts += other.restarts
            strayMisses += other.strayMisses
            straySupplied.formUnion(other.straySupplied)
            foreign.formUnion(other.foreign)
            uncompared.formUnion(other.uncompared)
            notes.formUnion(other.notes)
            nanoseconds += other.nanoseconds
        }
    }

    /// How long sending took, one arm after another, in nanoseconds.
    var nanoseconds: Int64 { arms.values.reduce(0) { $0 + $1.nanoseconds } }

    /// How many answers there are, of all arms.
    public var count: Int { arms.values.reduce(0) { $0 + $1.count } }

    /// Reads a document of the store. Throws `.damaged` or `.invalidDocument` for what is none.
    public static func read(_ digest: Digest, store: Store) throws(AssayError) -> KeptAnswers {
        let name = "kept answers \(digest.short)"
        let bytes = try store.read(digest, limit: 64 << 20)
        let reader = JSONReader(try JSONParser.parse(bytes, file: name), document: name)
        guard try reader["schema"].string() == schema else {
            throw reader["schema"].mismatch(schema)
        }
        try reader.allow(only: ["schema", "service", "capture", "arms"])
        var kept = KeptAnswers(
            service: try reader["service"].string(), capture: try reader["capture"].digest())
        for (arm, member) in try reader["arms"].members() {
            kept.arms[arm] = try Arm(json: member)
        }
        return kept
    }

    /// The canonical bytes of the document.
    func encode() -> [UInt8] {
        CanonicalJSON.encode([
            "schema": .string(Self.schema), "service": .string(service),
            "capture": JSONValue(capture), "arms": .object(arms.mapValues(\.json)),
        ])
    }
}

extension KeptAnswers.Arm {
    /// The counts of an arm that is being served, over all its replicas, and what redaction has taken
    /// from answers by now, of headers those that are compared; `nil` as those are all.
    init(of arms: [LiveArm], redaction: ReplayRedaction?, headers: [String]?) async {
        uncompared = redaction?.uncompared(headers: headers) ?? []
        notes = redaction?.notes ?? []
        for arm in arms {
            let counts = await arm.counts
            starts += counts.starts
            restarts += counts.restarts
            strayMisses += arm.egress?.strayMisses ?? 0
            straySupplied.formUnion(arm.egress?.straySupplied ?? [])
            foreign.formUnion(arm.egress?.foreign ?? [])
        }
    }

    var json: JSONValue {
        [
            "blobs": .array(blobs.map { JSONValue($0) }), "count": JSONValue(count),
            "starts": JSONValue(starts), "restarts": JSONValue(restarts),
            "strayMisses": JSONValue(strayMisses),
            "straySupplied": .array(straySupplied.sorted().map { JSONValue($0) }),
            "foreign": JSONValue(foreign.sorted()),
            "uncompared": JSONValue(uncompared.sorted()), "notes": JSONValue(notes.sorted()),
            "nanoseconds": .integer(nanoseconds),
        ]
    }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: [
            "blobs", "count", "starts", "restarts", "strayMisses", "straySupplied", "foreign",
            "uncompared", "notes", "nanoseconds",
        ])
        for element in try reader["blobs"].elements() { blobs.append(try element.digest()) }
        count = try reader["count"].count()
        starts = try reader["starts"].count()
        restarts = try reader["restarts"].count()
        strayMisses = try reader["strayMisses"].count()
        for element in try reader["straySupplied"].elements() {
            straySupplied.insert(try element.integer())
        }
        foreign = Set(try reader["foreign"].strings())
        uncompared = Set(try reader["uncompared"].strings())
        notes = Set(try reader["notes"].strings())
        nanoseconds = Int64(try reader["nanoseconds"].count())
    }
}
