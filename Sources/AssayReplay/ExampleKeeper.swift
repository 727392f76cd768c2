import AssayCapture
import AssayComparison
import AssayCore
import AssayEvidence

/// Keeps full answers of differing exchanges: all of them, as long as a budget of bytes lasts, and
/// beyond it a share for each group.
///
/// Two samples are kept and joined: of all differing exchanges those with the smallest hashes, and
/// of each group (comparison, route, path, kind) the same within a smaller budget. Each is a prefix
/// of the order by hash, so what is kept of a whole is among what is kept of its shards, whatever
/// the order in which exchanges come. Memory stays within the budgets.
struct ExampleKeeper: Sendable {
    private struct Stratum: Sendable {
        var rank: RankedExchange
        var sample = HashPrefix(count: ExampleKeeper.groupLimit, bytes: ExampleKeeper.groupBytes)
    }

    private struct Key: Hashable {
        var comparison: ExchangeOutcome.Comparison
        var group: DifferenceKey

        /// The place in the order in which groups are chosen when there are too many.
        var rank: RankedExchange {
            RankedExchange(
                "\(comparison.rawValue) \(group.kind.name) \(group.route) \(group.path)")
        }
    }

    private struct Example {
        var line: [UInt8]
        var uses: Int
    }

    private var overall = HashPrefix(count: .max, bytes: Self.byteLimit)
    private var strata: [Key: Stratum] = [:]
    private var examples: [String: Example] = [:]

    /// Bytes kept of all differing exchanges.
    static let byteLimit = 8 << 20
    /// Exchanges and bytes kept of each group, and groups that have a share.
    static let groupLimit = 20
    static let groupBytes = 64 << 10
    static let strataLimit = 512

    /// Takes a row if it is among the first of all or of a group; `line` is asked for once at most, and
    /// not at all if it would have more bytes than are kept of anything: it has no fewer than `size`.
    ///
    /// A row without a line is passed over: a part that was replayed earlier has no more of it, so
    /// that there was no room for it already.
    mutating func add(_ row: ExchangeOutcome, size: Int = 0, line makeLine: () -> [UInt8]?) {
        guard size <= Self.byteLimit else { return }
        let ranked = RankedExchange(row.exchange)
        var keys: Set<Key> = []
        for (comparison, list) in row.differences {
            for difference in list {
                keys.insert(
                    Key(
                        comparison: comparison,
                        group: DifferenceKey(route: row.route, difference: difference)))
            }
        }
        guard !keys.isEmpty else { return }
        let wanting = keys.filter { strata[$0]?.sample.admits(ranked) ?? true }
        guard overall.admits(ranked) || !wanting.isEmpty else { return }
        guard let line = makeLine() else { return }
        // One use while the samples decide, so that nothing is dropped between them.
        examples[row.exchange] = Example(line: line, uses: 1)
        if let dropped = overall.add(ranked, size: line.count) {
            examples[row.exchange]?.uses += 1
            dropped.forEach { release($0.exchange) }
        }
        for key in wanting where makeRoom(for: key) {
            guard
                let dropped = strata[key, default: Stratum(rank: key.rank)].sample.add(
                    ranked, size: line.count)
            else { continue }
            examples[row.exchange]?.uses += 1
            dropped.forEach { release($0.exchange) }
        }
        release(row.exchange)
    }

    /// The lines that are kept, sorted by exchange id.
    var lines: [[UInt8]] {
        examples.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .compactMap { examples[$0]?.line }
    }

    /// Whether a group has a share; the one with the largest hash loses its own when there are too
    /// many.
    private mutating func makeRoom(for key: Key) -> Bool {
        guard strata[key] == nil, strata.count >= Self.strataLimit else { return true }
        guard let last = strata.max(by: { $0.value.rank < $1.value.rank }),
            key.rank < last.value.rank
        else { return false }
        strata[last.key] = nil
        last.value.sample.kept.forEach { release($0.exchange) }
        return true
    }

    private mutating func release(_ exchange: String) {
        guard let example = examples[exchange] else { return }
        if example.uses > 1 {
            examples[exchange]?.uses -= 1
        } else {
            examples[exchange] = nil
        }
    }
}

extension Finding {
    /// Bytes that the line in the examples has at least.
    func exampleSize(answers: ArmAnswers) -> Int {
        answers.all.reduce(recorded.message?.body.count ?? 0) {
            $0 + ($1.answer.message?.body.count ?? 0)
        }
    }

    /// The line of the exchange in the examples: all its answers in full.
    func example(answers: ArmAnswers) -> [UInt8] {
        var arms: [String: JSONValue] = ["recorded": recorded.json]
        for (role, answer) in answers.all { arms[role.rawValue] = answer.json }
        let value: JSONValue = ["exchange": .string(row.exchange), "arms": .object(arms)]
        return CanonicalJSON.encode(value) + [UInt8(ascii: "\n")]
    }
}

extension ArmAnswer {
    /// The answer in full: a body that is text as `text`, any other as `base64`.
    fileprivate var json: JSONValue {
        guard let answer else {
            return .object(present: ["failure": failure.map { .string($0.rawValue) }])
        }
        let headers = answer.headers.map { field -> JSONValue in
            .array([.string(field.name), .string(field.value)])
        }
        var members: [String: JSONValue] = [
            "status": JSONValue(answer.status), "headers": .array(headers),
        ]
        if let text = String(validating: answer.body, as: UTF8.self) {
            members["text"] = .string(text)
        } else {
            members["base64"] = .string(Base64.encode(answer.body))
        }
        return .object(members)
    }
}
