public import AssayCore
import AssayEvidence

/// One of several parts of a capture, by whole sessions, so that many machines can share a replay.
public struct ReplayShard: Hashable, Sendable, CustomStringConvertible {
    /// Which part, from 1, of how many.
    public let index: Int, count: Int

    /// The part at a place; `nil` for a place that there is not.
    public init?(index: Int, count: Int) {
        guard count > 0, (1...count).contains(index) else { return nil }
        self.index = index
        self.count = count
    }

    /// Reads `2/8`, or `auto` and `auto/8`: the index that an array job gives to its tasks, from
    /// `JOB_COMPLETION_INDEX` (Kubernetes), `SLURM_ARRAY_TASK_ID` or `AWS_BATCH_JOB_ARRAY_INDEX`.
    ///
    /// Slurm and AWS Batch tell the count too. Throws `.usage` for anything else.
    public init(_ text: String, environment: [String: String]) throws(AssayError) {
        func refuse(_ reason: String) -> AssayError {
            AssayError(
                .usage, "could not replay shard \(text): \(reason)",
                hint: "write the part and their count as `2/8`, or `auto/8` in an array job")
        }
        let words = text.split(separator: "/", omittingEmptySubsequences: false)
        let said = words.count == 2 ? Int(words[1]) : nil
        guard words.count == 1 || words.count == 2 && said != nil else {
            throw refuse("it is not an index and a count")
        }
        guard words[0] == "auto" else {
            guard let index = Int(words[0]), let count = said,
                let shard = ReplayShard(index: index, count: count)
            else { throw refuse("there is no such part") }
            self = shard
            return
        }
        let sources: [(String, String, String?)] = [
            ("JOB_COMPLETION_INDEX", "0", nil),
            (
                "SLURM_ARRAY_TASK_ID", environment["SLURM_ARRAY_TASK_MIN"] ?? "0",
                environment["SLURM_ARRAY_TASK_COUNT"]
            ),
            ("AWS_BATCH_JOB_ARRAY_INDEX", "0", environment["AWS_BATCH_JOB_ARRAY_SIZE"]),
        ]
        guard let (name, first, number) = sources.first(where: { environment[$0.0] != nil }) else {
            throw refuse(
                "no array job has set JOB_COMPLETION_INDEX, SLURM_ARRAY_TASK_ID or "
                    + "AWS_BATCH_JOB_ARRAY_INDEX")
        }
        guard let place = environment[name].flatMap(Int.init), let base = Int(first) else {
            throw refuse("\(name) is not a number")
        }
        guard let count = said ?? number.flatMap(Int.init) else {
            throw refuse("\(name) does not say of how many")
        }
        guard let shard = ReplayShard(index: place - base + 1, count: count) else {
            throw refuse("\(name) is \(place), and there are \(count)")
        }
        self = shard
    }

    /// Whether the exchanges of a session belong to this part: by a hash of the session, the same on
    /// every machine.
    public func contains(session: String) -> Bool {
        DifferenceGroups.rank(of: session) % UInt64(count) == UInt64(index - 1)
    }

    public var description: String { "\(index)/\(count)" }
}
