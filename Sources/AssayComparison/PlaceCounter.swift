import AssayCoding
public import AssayCore
public import AssayEvidence
import Synchronization

/// Counts which places answers have, for a lint of rules.
///
/// One counter serves any number of threads. Costs a parse and a walk of each answer.
public final class PlaceCounter: Sendable {
    private let limits: PlaceLimits
    private let comparison: ComparisonLimits
    /// The names of headers that rules name, small letters.
    private let headers: [String]
    private let pool = Mutex<[Tally]>([])

    /// Makes a counter for rules.
    public init(
        rules: ComparisonRules, limits: PlaceLimits = PlaceLimits(),
        comparison: ComparisonLimits = ComparisonLimits()
    ) {
        self.limits = limits
        self.comparison = comparison
        headers = Set(
            rules.rules.filter { $0.pointer.hasPrefix("header:") && $0.pointer != "header:*" }.map {
                $0.pointer.dropFirst("header:".count).lowercased()
            }
        ).sorted()
    }

    /// The header fields that are looked at; answers that are observed need no others.
    public var observedHeaders: [String] {
        ["content-type", "content-encoding", "inference-header-content-length"] + headers
    }

    /// Counts the answers to one exchange, of which those with the same bytes are given once. Throws
    /// `.limit` without memory for a parser.
    public func observe(_ answers: [Answer]) throws(AssayError) {
        let tally: Tally
        if let idle = pool.withLock({ $0.popLast() }) {
            tally = idle
        } else {
            tally = try Tally(limits: limits, comparison: comparison)
        }
        defer {
            tally.document.shrink()
            pool.withLock { $0.append(tally) }
        }
        tally.exchanges += 1
        for answer in answers {
            for name in headers where answer.header(name) != nil {
                tally.headers[name, default: 0] += 1
            }
            tally.add(answer, decodedSize: comparison.decodedSize)
        }
    }

    /// Adds what was counted elsewhere, over other exchanges. Throws as `observe` does.
    public func add(_ places: AnswerPlaces) throws(AssayError) {
        let tally = try Tally(limits: limits, comparison: comparison)
        tally.add(places)
        pool.withLock { $0.append(tally) }
    }

    /// What was counted so far. Asked for while nothing is observed. Throws as `observe` does.
    public func places() throws(AssayError) -> AnswerPlaces {
        let sum = try Tally(limits: limits, comparison: comparison)
        for tally in pool.withLock({ $0 }) { sum.add(tally.places) }
        return sum.places
    }
}

/// What one thread counted.
///
/// Unchecked: a tally is in the pool or with one thread, never both.
private final class Tally: @unchecked Sendable {
    let document: JSONDocument
    var tree: PlaceTree
    var headers: [String: Int] = [:]
    var exchanges = 0

    init(limits: PlaceLimits, comparison: ComparisonLimits) throws(AssayError) {
        document = try JSONDocument(limits: comparison)
        tree = PlaceTree(limits: limits)
    }

    func add(_ answer: Answer, decodedSize: Int) {
        // What cannot be undone or read has no places; that it cannot is noted by the comparison.
        guard let body = decoded(answer, limit: decodedSize) else { return tree.addOpaque() }
        let form = BodyForm.sniff(body, of: answer)
        guard form != .opaque,
            document.read(body, as: form) == nil
                || form == .json && document.read(body, as: .lines) == nil
        else { return tree.addOpaque() }
        unsafe tree.add(document.view)
    }

    private func decoded(_ answer: Answer, limit: Int) -> ArraySlice<UInt8>? {
        do throws(AssayError) {
            return try ContentDecoder.decode(
                answer.body, encoding: answer.header("content-encoding"), limit: limit)
        } catch {
            return nil
        }
    }

    func add(_ places: AnswerPlaces) {
        exchanges += places.exchanges
        for (place, count) in places.values ?? [:] where place.hasPrefix("header:") {
            headers[String(place.dropFirst("header:".count)), default: 0] += count
        }
        tree.add(values: places.values, starred: places.starred)
    }

    var places: AnswerPlaces {
        guard !tree.isOverfull else { return AnswerPlaces(exchanges: exchanges, values: nil) }
        var contents = tree.contents
        for (name, count) in headers { contents.values["header:\(name)"] = count }
        return AnswerPlaces(
            exchanges: exchanges, values: contents.values, starred: contents.starred)
    }
}
