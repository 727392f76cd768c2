import AssayComparison
import AssayEvidence
import Glibc

/// Measures comparisons on one thread and prints a line of JSON for each case.
///
/// usage: pairs SECONDS
///        pairs one|all COUNT…    a series of different documents of 10 MB
@main
struct Pairs {
    static func main() throws {
        let words = CommandLine.arguments.dropFirst()
        if let kind = words.first, kind == "one" || kind == "all" {
            return try series(all: kind == "all", counts: words.dropFirst().compactMap { Int($0) })
        }
        let seconds = CommandLine.arguments.dropFirst().first.flatMap(Double.init) ?? 2
        let comparer = try AnswerComparer(rules: ComparisonRules())
        let small = document(members: 24)
        measure("1 KB of JSON, one number differs", seconds, comparer, small, changed(small), 1)
        let large = document(members: 24 << 13)
        measure("equal bytes, 10 MB", seconds, comparer, large, large.map { $0 }, 0)
        measure("10 MB of JSON, one number differs", seconds, comparer, large, changed(large), 1)
        let counter = PlaceCounter(rules: ComparisonRules())
        let answer = self.answer(small)
        let counted = try rate(seconds) { try counter.observe([answer]) }
        line("places of 1 KB of JSON", small.count, counted)
    }

    /// Compares pairs of documents of which none was there before, and tells the largest memory so far
    /// when there were so many. The new document differs in the last number, or in each score.
    static func series(all: Bool, counts: [Int]) throws {
        let comparer = try AnswerComparer(rules: ComparisonRules())
        let counter = PlaceCounter(rules: ComparisonRules())
        var rows = Rows()
        let start = processorTime()
        for number in 1...(counts.last ?? 1) {
            let old = answer(rows.document(seed: number, scores: number))
            let new = answer(
                all ? rows.document(seed: number, scores: -number) : changed(Array(old.body)))
            let result = comparer.compare(old, new)
            precondition(all ? result.differences.count > 1 : result.differences.count == 1)
            try counter.observe([old, new])
            guard counts.contains(number) else { continue }
            let name = "\(number) pairs, \(all ? "each score differs" : "one number differs")"
            line(name, old.body.count, Double(number) / (processorTime() - start))
        }
    }

    /// An object of numbers, strings and flags, about 42 bytes a member.
    static func document(members: Int) -> [UInt8] {
        var text = "{"
        for number in 0..<members {
            if number > 0 { text += "," }
            let value =
                switch number % 3 {
                case 0: "\(Double(number) + 0.123456789)"
                case 1: "\"a text of some length \(number)\""
                default: "{\"flag\":\(number % 2 == 0),\"n\":\(number)}"
                }
            text += "\"feature_name_\(number)\":\(value)"
        }
        return Array((text + "}").utf8)
    }

    /// The same with another last number.
    static func changed(_ body: [UInt8]) -> [UInt8] {
        var body = body
        if let place = body.lastIndex(where: { (0x30...0x38).contains($0) }) { body[place] += 1 }
        return body
    }

    static func answer(_ body: [UInt8]) -> Answer {
        Answer(
            status: 200,
            headers: [("Content-Type", "application/json"), ("Content-Length", "\(body.count)")],
            body: body)
    }

    static func measure(
        _ name: String, _ seconds: Double, _ comparer: AnswerComparer, _ old: [UInt8],
        _ new: [UInt8], _ differences: Int
    ) {
        let (first, second) = (answer(old), answer(new))
        let found = rate(seconds) {
            let result = comparer.compare(first, second)
            precondition(result.differences.count == differences)
        }
        line(name, old.count, found)
    }

    /// How often something runs in a second of this thread's processor time.
    static func rate(_ seconds: Double, _ body: () throws -> Void) rethrows -> Double {
        try body()
        let start = processorTime()
        var count = 0.0
        while processorTime() - start < seconds {
            for _ in 0..<8 { try body() }
            count += 8
        }
        return count / (processorTime() - start)
    }

    static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func line(_ name: String, _ bytes: Int, _ rate: Double) {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        print(
            "{\"name\":\"\(name)\",\"bytes\":\(bytes),\"rate\":\(rate),"
                + "\"peak\":\(usage.ru_maxrss * 1024)}")
    }
}

/// An array of 140,000 objects with 71 bytes each, whose digits depend on seeds.
struct Rows {
    private static let row = Array(
        #"{"id":000000000,"score":0.000000000,"label":"a text number 000000000"},"#.utf8)
    private static let count = 140_000
    private var bytes: [UInt8] = [UInt8(ascii: "[")]
    private let places: [Int]

    init() {
        for _ in 0..<Self.count { bytes += Self.row }
        bytes[bytes.count - 1] = UInt8(ascii: "]")
        var places: [Int] = []
        for place in Self.row.indices.dropLast(8)
        where Self.row[place..<place + 9].allSatisfy({ $0 == UInt8(ascii: "0") }) {
            places.append(place)
        }
        self.places = places
    }

    /// A document of its own for each seed, with the scores of another seed.
    mutating func document(seed: Int, scores: Int) -> [UInt8] {
        for number in 0..<Self.count {
            let start = 1 + number * Self.row.count
            for (field, place) in places.enumerated() {
                var value = UInt64(truncatingIfNeeded: field == 1 ? scores : seed)
                value = ((value &+ UInt64(number) << 20) &* 0x9E37_79B9_7F4A_7C15) >> 24
                // No zero in front of a number.
                bytes[start + place] = UInt8(ascii: "1") + UInt8(value % 9)
                for digit in 1..<9 {
                    value /= 10
                    bytes[start + place + digit] = UInt8(ascii: "0") + UInt8(value % 10)
                }
            }
        }
        return bytes
    }
}
