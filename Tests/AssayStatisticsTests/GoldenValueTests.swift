import AssayCore
import AssayStatistics
import Testing

@Suite("golden values from SciPy")
struct GoldenValueTests {
    private func isNear(_ value: Double, _ wanted: Double, _ tolerance: Double = 1e-9) -> Bool {
        abs(value - wanted) <= tolerance * max(abs(wanted), 1e-9)
    }

    @Test("beta, normal and Student functions")
    func distributions() {
        for (x, a, b, wanted) in GoldenValues.beta {
            #expect(isNear(Beta.cumulative(x, a, b), wanted), "I_\(x)(\(a), \(b))")
        }
        for (p, a, b, wanted) in GoldenValues.betaQuantile {
            #expect(isNear(Beta.quantile(p, a, b), wanted), "\(p) of (\(a), \(b))")
        }
        for (p, wanted) in GoldenValues.normal {
            #expect(isNear(Normal.quantile(p), wanted), "\(p)")
        }
        for (p, degrees, wanted) in GoldenValues.student {
            #expect(isNear(StudentT.quantile(p, degrees: degrees), wanted), "\(p), \(degrees)")
        }
    }

    @Test("hypergeometric tails")
    func hypergeometric() {
        for (seen, marked, drawn, population, wanted) in GoldenValues.hypergeometric {
            let p = Hypergeometric.upperTail(
                seen: Int(seen), marked: Int(marked), drawn: Int(drawn),
                population: Int(population))
            #expect(abs(p - wanted) <= 1e-8 * wanted, "\(seen) of \(marked): \(p), not \(wanted)")
        }
        #expect(Hypergeometric.upperTail(seen: 0, marked: 3, drawn: 4, population: 9) == 1)
        #expect(Hypergeometric.upperTail(seen: 4, marked: 3, drawn: 4, population: 9) == 0)
        #expect(Hypergeometric.upperTail(seen: 2, marked: 8, drawn: 3, population: 9) == 1)
    }

    @Test("intervals for one proportion")
    func proportions() {
        for (x, n, confidence, lower, upper) in GoldenValues.clopperPearson {
            let interval = Proportion.clopperPearson(
                successes: x, trials: n, confidence: confidence)
            #expect(isNear(interval.lower, lower) && isNear(interval.upper, upper), "\(x)/\(n)")
        }
        for (x, n, confidence, lower, upper) in GoldenValues.wilson {
            let interval = Proportion.wilson(successes: x, trials: n, confidence: confidence)
            #expect(isNear(interval.lower, lower) && isNear(interval.upper, upper), "\(x)/\(n)")
        }
    }

    @Test("Newcombe's interval")
    func pairs() {
        for (both, first, second, neither, confidence, lower, upper) in GoldenValues.newcombe {
            let counts = PairedCounts(both: both, first: first, second: second, neither: neither)
            let interval = counts.newcombe(confidence: confidence)
            #expect(isNear(interval.lower, lower) && isNear(interval.upper, upper), "\(counts)")
        }
    }

    @Test("Korn and Graubard's interval")
    func clusters() {
        let few = ClusteredProportion(
            [(2, 10), (0, 12), (5, 9), (1, 20)].map { (events: $0.0, units: $0.1) })
        let many = ClusteredProportion(
            (0..<40).map { (events: $0 % 3 == 0 ? $0 % 7 : 0, units: 7) })
        for (counts, wanted) in zip([few, many], GoldenValues.kornGraubard) {
            let interval = counts.interval(confidence: 0.95)
            #expect(
                isNear(interval.lower, wanted.0, 1e-8) && isNear(interval.upper, wanted.1, 1e-8))
        }
    }

    @Test("corrections for multiplicity")
    func multiplicity() {
        let p = [0.01, 0.04, 0.03, 0.005, 0.2, 0.03]
        for (value, wanted) in zip(
            Multiplicity.benjaminiHochberg(p), GoldenValues.benjaminiHochberg)
        {
            #expect(isNear(value, wanted))
        }
        #expect(
            Multiplicity.holm([0.01, 0.04, 0.03]).map { ($0 * 1e6).rounded() } == [
                30000, 60000, 60000,
            ])
        #expect(isNear(Multiplicity.simes([0.01, 0.04, 0.03]), 0.03))
        #expect(Multiplicity.simes([]) == 1)
    }

    @Test("sizes that decide")
    func sizes() {
        #expect(SampleSize.share(seen: 0, limit: 0.001, confidence: 0.95) == 3688)
        #expect(SampleSize.share(seen: 0.05, limit: 0.05, confidence: 0.95) == nil)
        #expect(SampleSize.share(seen: 0.02, limit: 0.05, confidence: 0.95) == 331)
    }

    @Test("generators give the published sequence")
    func generators() {
        var split = SplitMix64(seed: 1_234_567)
        #expect(split.next() == 6_457_827_717_110_365_317)
        #expect(split.next() == 3_203_168_211_198_807_973)
        var ones = Xoshiro256(seed: 7)
        var twos = Xoshiro256(seed: 7)
        #expect((0..<100).allSatisfy { _ in ones.next() == twos.next() })
    }
}
