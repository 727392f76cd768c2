import AssayStatistics
import Testing

@Suite("Statistics")
struct StatisticsTests {
    static func isNear(_ value: Double, _ golden: Double) -> Bool {
        abs(value - golden) <= 1e-10 * max(1e-4, abs(golden))
    }

    /// SciPy's betainc; see golden.py.
    static let beta: [(Double, Double, Double, Double)] = [
        (0.1, 2, 3, 0.05230000000000001), (0.5, 0.5, 0.5, 0.5), (0.9, 40, 7, 0.8281158170004261),
        (0.0001, 3, 4000, 0.007932768332263229), (0.37, 120.5, 200.25, 0.4204182191769398),
    ]

    @Test("the incomplete beta function is SciPy's", arguments: beta)
    func incompleteBeta(x: Double, a: Double, b: Double, golden: Double) {
        #expect(Self.isNear(BetaDistribution.cumulative(x, a, b), golden))
        #expect(abs(BetaDistribution.quantile(golden, a, b) - x) < 1e-9)
    }

    /// SciPy's binomtest(...).proportion_ci(0.95, "exact"); see golden.py.
    static let exact: [(Double, Double, Double, Double)] = [
        (0, 20, 0, 0.16843347098308548), (3, 100, 0.006229971538306227, 0.08517605297428028),
        (20, 20, 0.8315665290169145, 1), (57, 3688, 0.011726333848944738, 0.019978587852327815),
        (0, 3688, 0, 0.0009997383919489462),
    ]

    @Test("the interval of a share is SciPy's exact one", arguments: exact)
    func clopperPearson(events: Double, trials: Double, lower: Double, upper: Double) {
        let interval = Proportion.clopperPearson(events: events, trials: trials, confidence: 0.95)
        #expect(Self.isNear(interval.lower, lower))
        #expect(Self.isNear(interval.upper, upper))
    }

    @Test("tails and corrections are SciPy's")
    func tails() {
        #expect(
            Self.isNear(
                Proportion.upperTail(events: 5, trials: 100, share: 0.02), 0.05083044536950036))
        #expect(
            Self.isNear(
                Proportion.upperTail(events: 40, trials: 4000, share: 0.005), 5.0611352522709456e-05
            ))
        let values = [0.01, 0.04, 0.03, 0.005, 0.5]
        for (value, golden) in zip(
            MultipleTests.benjaminiHochberg(values), [0.025, 0.05, 0.05, 0.025, 0.5])
        {
            #expect(Self.isNear(value, golden))
        }
        for (value, golden) in zip(MultipleTests.holm(values), [0.04, 0.09, 0.09, 0.025, 0.5]) {
            #expect(Self.isNear(value, golden))
        }
        #expect(Self.isNear(MultipleTests.simes([0.01, 0.04]), 0.02))
    }

    /// The ranks of SciPy's binom.ppf; see golden.py.
    static let ranks: [(Int, Double, Int64, Int64)] = [
        (1000, 0.99, 982, 996), (500, 0.5, 227, 272), (60, 0.9, 48, 58),
    ]

    @Test("the interval of a quantile has the binomial's ranks", arguments: ranks)
    func quantile(count: Int, quantile: Double, lower: Int64, upper: Int64) throws {
        let sorted = (0..<Int64(count)).map { $0 }
        let found = try #require(Quantile.interval(of: sorted, at: quantile, confidence: 0.95))
        #expect(found.interval == Interval(lower: Double(lower), upper: Double(upper)))
        #expect(Quantile.interval(of: [1, 2, 3], at: 0.99, confidence: 0.95) == nil)
    }

    @Test("without events the sessions are what counts, with independent ones the exchanges")
    func clustered() {
        let quiet = ClusteredProportion(sessions: (0..<100).map { _ in (trials: 10, events: 0) })
        #expect(quiet.effectiveTrials == 100)
        let whole = ClusteredProportion(
            sessions: (0..<100).map { (trials: 10, events: $0 < 10 ? 10 : 0) })
        #expect(abs(whole.effectiveTrials - 100) < 2)
        let single = ClusteredProportion(
            sessions: (0..<1000).map { (trials: 1, events: $0 < 100 ? 1 : 0) })
        #expect(abs(single.effectiveTrials - 1000) < 2)
        #expect(
            quiet.needed(within: 0.001, confidence: 0.95).map { $0 >= 36_880 && $0 < 37_100 }
                == true)
        #expect(whole.needed(within: 0.05, confidence: 0.95) == nil)
    }

    @Test(
        "the interval covers the truth in 95 of 100 runs or more, also with exchanges that stick together"
    )
    func coverage() {
        var generator = SeededGenerator(seed: 11)
        var misses = 0
        let runs = 1000
        for _ in 0..<runs {
            // Sessions of 8; the share of each is drawn, which gives a correlation of about 0.3.
            let sessions = (0..<300).map { _ -> (trials: Int, events: Int) in
                let share = Double.random(in: 0..<1, using: &generator) < 0.06 ? 0.5 : 0.02
                let events = (0..<8).filter { _ in
                    Double.random(in: 0..<1, using: &generator) < share
                }
                return (8, events.count)
            }
            let interval = ClusteredProportion(sessions: sessions).interval(confidence: 0.95)
            let truth = 0.06 * 0.5 + 0.94 * 0.02
            if truth < interval.lower || truth > interval.upper { misses += 1 }
        }
        // 50 would be nominal; 70 is three standard deviations above.
        #expect(misses <= 70)
        #expect(misses >= 10)
    }
}
