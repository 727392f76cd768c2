import AssayStatistics
import Testing

@Suite("coverage by seeded simulation")
struct CoverageTests {
    /// Sessions of one to eight requests that share a tendency: intra-class correlation `rho`.
    private func sessions(
        _ count: Int, share: Double, rho: Double, _ generator: inout Xoshiro256
    ) -> [(events: Int, units: Int)] {
        (0..<count).map { _ in
            let units = 1 + generator.below(8)
            // With chance rho all copy one draw, else each draws alone.
            let copied = generator.uniform() < rho
            let common = generator.uniform() < share
            var events = 0
            for _ in 0..<units where copied ? common : generator.uniform() < share { events += 1 }
            return (events, units)
        }
    }

    @Test("the clustered interval covers the share", arguments: [0.0, 0.2, 0.5])
    func kornGraubard(rho: Double) {
        var generator = Xoshiro256(seed: 11)
        for share in [0.01, 0.1, 0.5] {
            var missed = 0
            let runs = 400
            for _ in 0..<runs {
                let counts = ClusteredProportion(sessions(120, share: share, rho: rho, &generator))
                let interval = counts.interval(confidence: 0.95)
                if interval.lower > share || interval.upper < share { missed += 1 }
            }
            #expect(Double(missed) / Double(runs) < 0.075, "share \(share): \(missed) of \(runs)")
        }
    }

    @Test("independent units would cover far less")
    func independence() {
        var generator = Xoshiro256(seed: 12)
        var missed = 0
        for _ in 0..<400 {
            let counts = sessions(120, share: 0.1, rho: 0.5, &generator)
            let events = counts.reduce(0) { $0 + $1.events }
            let units = counts.reduce(0) { $0 + $1.units }
            let interval = Proportion.clopperPearson(
                successes: Double(events), trials: Double(units), confidence: 0.95)
            if interval.lower > 0.1 || interval.upper < 0.1 { missed += 1 }
        }
        #expect(missed > 60)
    }

    @Test("the paired interval on effective sizes covers no difference", arguments: [0.0, 0.5])
    func pairs(rho: Double) {
        var generator = Xoshiro256(seed: 13)
        var missed = 0
        for _ in 0..<400 {
            let clusters = (0..<120).map { _ -> PairedCounts in
                var counts = PairedCounts(both: 0, first: 0, second: 0, neither: 0)
                let units = 1 + generator.below(8)
                let copied = generator.uniform() < rho
                let common = (generator.uniform() < 0.05, generator.uniform() < 0.05)
                for _ in 0..<units {
                    let pair =
                        copied ? common : (generator.uniform() < 0.05, generator.uniform() < 0.05)
                    switch pair {
                    case (true, true): counts.both += 1
                    case (true, false): counts.first += 1
                    case (false, true): counts.second += 1
                    case (false, false): counts.neither += 1
                    }
                }
                return counts
            }
            let interval = ClusteredPairs(clusters).interval(confidence: 0.95)
            if interval.lower > 0 || interval.upper < 0 { missed += 1 }
        }
        #expect(missed < 30, "\(missed) of 400")
    }

    @Test("order statistics cover the quantile")
    func quantiles() {
        var generator = Xoshiro256(seed: 14)
        var missed = 0
        for _ in 0..<400 {
            let values = (0..<300).map { _ in Int64(generator.below(1_000_000)) }.sorted()
            let interval = Quantile.interval(0.9, ofSorted: values, confidence: 0.95)
            if interval.lower > 900_000 || interval.upper < 900_000 { missed += 1 }
        }
        #expect(missed < 30, "\(missed) of 400")
        let short = Quantile.interval(0.99, ofSorted: [1, 2, 3], confidence: 0.95)
        #expect(short.upper == .infinity)
    }

    @Test("the bootstrap finds a ratio of 1.2 and gives the same interval twice")
    func ratios() throws {
        var generator = Xoshiro256(seed: 15)
        let first = (0..<900).map { _ in Int64(1000 + generator.below(500)) }
        let second = first.map { $0 * 12 / 10 }
        var one = Xoshiro256(seed: 1)
        var two = Xoshiro256(seed: 1)
        let ratio = try #require(
            QuantileRatio(0.9, first: first, second: second, replicates: 200, using: &one))
        let again = QuantileRatio(0.9, first: first, second: second, replicates: 200, using: &two)
        #expect(ratio == again)
        let interval = ratio.interval(confidence: 0.95)
        #expect(interval.lower > 1.15 && interval.upper < 1.25)
        #expect(QuantileRatio(0.5, first: [], second: [1], replicates: 10, using: &one) == nil)
    }

    @Test("a p value is where the interval leaves the limit")
    func inversion() {
        let counts = ClusteredProportion((0..<200).map { (events: $0 < 20 ? 1 : 0, units: 1) })
        let p = IntervalTest.pValue(above: 0.05) { counts.interval(confidence: $0) }
        #expect(counts.interval(confidence: 1 - p * 1.001).lower > 0.05)
        #expect(counts.interval(confidence: 1 - p * 0.999).lower <= 0.05)
        #expect(IntervalTest.pValue(above: 0.5) { counts.interval(confidence: $0) } > 0.9)
    }
}
