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
}
