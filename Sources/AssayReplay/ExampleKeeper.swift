import AssayCapture
import AssayComparison
import AssayCore
import AssayEvidence

/// Keeps full answers of differing exchanges: of each group those with the smallest hashes, up to a
/// count and a budget of bytes, so that shards would choose the same.
struct ExampleKeeper: Sendable {
    private struct Key: Hashable {
        var comparison: ExchangeOutcome.Comparison
        var group: DifferenceKey
    }

    private struct Example {
        var line: [UInt8]
        var uses: Int
    }

    private var groups: [Key: Smallest<RankedExchange>] = [:]
    private var examples: [String: Example] = [:]
    private var size = 0

    /// Exchanges kept of each group, and bytes in all.
    static let groupLimit = 20
    static let byteLimit = 8 << 20

    /// Takes an exchange if it is among the first of a group; `line` makes its line, where there is
    /// one.
    mutating func add(_ row: ExchangeOutcome, line: () -> [UInt8]?) {
        let ranked = RankedExchange(row.exchange)
        for (comparison, list) in row.differences where !list.isEmpty {
            for group in Set(list.map { DifferenceKey(route: row.route, difference: $0) }) {
                let key = Key(comparison: comparison, group: group)
                guard groups[key] != nil || groups.count < ConfirmationChoice.groupLimit else {
                    continue
                }
                let dropped = groups[key, default: Smallest(limit: Self.groupLimit)].add(ranked)
                if dropped == ranked { continue }
                if let dropped { release(dropped.exchange) }
                keep(row.exchange, line)
            }
        }
    }

    /// The lines that are kept, sorted by exchange id: of each group in turn, the smallest hash
    /// first, as long as the budget lasts.
    var lines: [[UInt8]] {
        let lists = groups.values.map { $0.elements.sorted() }
        var chosen: Set<String> = []
        var left = Self.byteLimit
        for round in 0..<Self.groupLimit {
            for next in Set(lists.compactMap { round < $0.count ? $0[round] : nil }).sorted() {
                guard !chosen.contains(next.exchange), let example = examples[next.exchange],
                    example.line.count <= left
                else { continue }
                left -= example.line.count
                chosen.insert(next.exchange)
            }
        }
        return chosen.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .compactMap { examples[$0]?.line }
    }

    private mutating func keep(_ exchange: String, _ line: () -> [UInt8]?) {
        if examples[exchange] != nil {
            examples[exchange]?.uses += 1
            return
        }
        // Far above what is written in the end; more would not be flat.
        guard size < 8 * Self.byteLimit else { return }
        guard let line = line() else { return }
        size += line.count
        examples[exchange] = Example(line: line, uses: 1)
    }

    private mutating func release(_ exchange: String) {
        guard let example = examples[exchange] else { return }
        if example.uses > 1 {
            examples[exchange]?.uses -= 1
        } else {
            size -= example.line.count
            examples[exchange] = nil
        }
    }
}

extension Finding {
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
