import AssayCapture
import AssayComparison
import AssayCore
import AssayEvidence
import Testing

@testable import AssayReplay

@Suite("telling change from noise")
struct SeparationTests {
    private func separation(_ old: [String], _ new: [String]) -> Separation {
        let all = old + new
        return Separation(
            old: old.count, new: new.count, differ: { all[$0] != all[$1] },
            number: { Double(all[$0]) })
    }

    @Test("two arms that agree with themselves and not with each other have p = 2/252")
    func clean() {
        let result = separation(["a", "a", "a", "a", "a"], ["b", "b", "b", "b", "b"])
        #expect(result.isSeparated)
        #expect(abs(result.p - 2.0 / 252) < 1e-12)
        #expect(result.isUnlikely(chance: Separation.chance(old: 5, new: 5)))
    }

    @Test("values that are never equal say nothing")
    func random() {
        let result = separation(["a", "b", "c", "d", "e"], ["f", "g", "h", "i", "j"])
        #expect(result.isSeparated)
        #expect(result.p == 1)
        #expect(!result.isUnlikely(chance: 2.0 / 252))
    }

    @Test("one shared value is enough not to be separated")
    func overlap() {
        let result = separation(["a", "a", "a", "a", "a"], ["b", "b", "b", "b", "a"])
        #expect(!result.isSeparated)
        #expect(result.p == 1)
    }

    @Test("numbers that never recur are separated when all of one arm lie above the other")
    func ranked() {
        #expect(
            separation(["1", "2", "3", "4", "5"], ["6", "7", "8", "9", "10"]).isUnlikely(
                chance: 2.0 / 252))
        #expect(
            !separation(["1", "2", "3", "4", "6"], ["5", "7", "8", "9", "10"]).isUnlikely(
                chance: 2.0 / 252))
    }

    @Test("splits of recurring values are counted exactly")
    func classes() {
        // Classes of 3, 2 | 4, 1: of all ways to choose 5, {3,2} and {4,1} keep them whole.
        let result = separation(["a", "a", "a", "b", "b"], ["c", "c", "c", "c", "d"])
        #expect(abs(result.p - 2.0 / 252) < 1e-12)
        // Classes of 2, 2, 1 | 2, 2, 1: two of four pairs and one of two singles.
        let other = separation(["a", "a", "b", "b", "c"], ["d", "d", "e", "e", "f"])
        #expect(abs(other.p - 12.0 / 252) < 1e-12)
    }

    @Test("a few separated exchanges among many noisy ones are what chance gives")
    func tails() {
        let chance = 2.0 / 252
        #expect(Separation.exceedsChance(hits: 1, trials: 1, q: chance, level: 0.01))
        #expect(!Separation.exceedsChance(hits: 3, trials: 200, q: chance, level: 0.01))
        #expect(Separation.exceedsChance(hits: 8, trials: 200, q: chance, level: 0.01))
        #expect(!Separation.exceedsChance(hits: 0, trials: 5, q: chance, level: 0.01))
        #expect(Separation.exceedsChance(hits: 1, trials: 1, q: 1, level: 0.01))
    }

    @Test("odd answers of the new arm alone are more than chance, on both sides they are not")
    func instability() {
        func p(_ counts: [(odd: Int, new: Int)]) -> Double {
            Instability.p(
                of: counts.map { .init(all: 10, new: 5, odd: $0.odd, oddNew: $0.new) })
        }
        #expect(p([]) == 1)
        #expect(p([(0, 0), (0, 0)]) == 1)
        #expect(abs(p([(1, 1)]) - 0.5) < 1e-12)
        // Of 10 choose 2 pairs, 5 choose 2 lie in the new arm.
        #expect(abs(p([(2, 2)]) - 10.0 / 45) < 1e-12)
        #expect(abs(p([(1, 1), (1, 1), (1, 1)]) - 0.125) < 1e-12)
        #expect(p(Array(repeating: (2, 2), count: 8)) < 1e-4)
        #expect(p(Array(repeating: (2, 1), count: 40)) > 0.3)
    }
}

@Suite("confirmation of differences")
struct ConfirmationJudgeTests {
    /// Answers `{"d": value}` of five fresh processes of each arm.
    private func subject(
        _ number: Int, old: [String], new: [String]
    ) throws -> ConfirmationJudge.Subject {
        func answers(_ values: [String]) throws -> [ArmAnswer] {
            try values.map { value in
                let body = "{\"d\": \"\(value)\"}"
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                let text = head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
                return ArmAnswer(
                    message: try HTTPMessage(Array(text.utf8), role: .response(toMethod: "GET")),
                    status: 200)
            }
        }
        return ConfirmationJudge.Subject(
            exchange: "x\(number)", route: "r",
            differences: [Difference(path: "/d", kind: .value, old: "a", new: "b")],
            sides: .init(route: "r", old: try answers(old), new: try answers(new)))
    }

    private func said(_ subjects: [ConfirmationJudge.Subject]) throws -> [String] {
        let judge = ConfirmationJudge(
            judge: AnswerJudge(comparer: try AnswerComparer(rules: ComparisonRules())))
        let outcome = judge.confirm(subjects)
        return subjects.map { outcome.confirmations[$0.exchange]?["/d"]?.rawValue ?? "-" }
    }

    private func same(_ value: String, _ count: Int = 5) -> [String] {
        Array(repeating: value, count: count)
    }

    @Test("a difference alone is confirmed; one among noise is open until more processes tell")
    func amongNoise() throws {
        #expect(try said([subject(0, old: same("a"), new: same("b"))]) == ["confirmed"])
        let noise = try (1...4).map {
            try subject($0, old: ["a", "b", "a", "b", "a"], new: ["b", "a", "b", "a", "a"])
        }
        let first = try said([subject(0, old: same("a"), new: same("b"))] + noise)
        #expect(first == ["unsettled", "noise", "noise", "noise", "noise"])
        let second = try said([subject(0, old: same("a", 10), new: same("b", 10))] + noise)
        #expect(second == ["confirmed", "noise", "noise", "noise", "noise"])
    }

    @Test("noise that only the new arm has is the change; noise of both is not")
    func newNoise() throws {
        let unsteady = try (0..<20).map {
            try subject($0, old: same("a"), new: ["a", "b", "a", "a", $0 % 2 == 0 ? "b" : "a"])
        }
        #expect(try Set(said(unsteady)) == ["confirmed"])
        #expect(try Set(said(Array(unsteady.prefix(2)))) == ["noise"])
        let both = try (0..<20).map {
            try subject(
                $0, old: $0 % 2 == 0 ? same("a") : ["a", "b", "a", "a", "b"],
                new: $0 % 2 == 1 ? same("a") : ["a", "b", "a", "a", "b"])
        }
        #expect(try Set(said(both)) == ["noise"])
    }

    @Test("noise of one kind in both arms is hardly ever taken for a change")
    func falseAlarms() throws {
        var generator = SplitMix64(seed: 3)
        var alarms = 0
        for _ in 0..<100 {
            let subjects = try (0..<12).map { number in
                let values = (0..<10).map { _ in
                    Int.random(in: 0..<5, using: &generator) == 0 ? "b" : "a"
                }
                return try subject(number, old: Array(values[..<5]), new: Array(values[5...]))
            }
            if try said(subjects).contains("confirmed") { alarms += 1 }
        }
        #expect(alarms <= 2)
    }
}
