import AssayCore
import Testing

@testable import AssayStore

@Suite("Size classes and layers")
struct SegmentRulesTests {
    static let mebi = 1 << 20
    static let gibi = 1 << 30

    /// Sizes and averages, in MiB.
    static let classes: [(size: Int, average: Int)] = [
        (4, 4), (1024, 4), (1535, 4), (1536, 8), (3072, 16), (6144, 32), (12_288, 64),
        (102_400, 64), (10_240_000, 64),
    ]

    @Test("the average doubles with size, up to 64 MiB", arguments: 0..<9)
    func averages(index: Int) {
        let (size, average) = Self.classes[index]
        #expect(
            SegmentRules.average(of: size * Self.mebi, grain: .standard) == average * Self.mebi)
    }

    @Test("fine content has a sixteenth, and is no finer than standard from 1.5 GiB on")
    func fine() {
        #expect(SegmentRules.average(of: 50 * Self.mebi, grain: .fine) == 256 << 10)
        #expect(SegmentRules.average(of: 96 * Self.mebi, grain: .fine) == 512 << 10)
        for size in [1536 * Self.mebi, 7 * Self.gibi, 90 * Self.gibi] {
            #expect(
                SegmentRules.average(of: size, grain: .fine)
                    == SegmentRules.average(of: size, grain: .standard))
        }
    }

    /// Digests as those of segments are: spread evenly.
    static func digests(_ count: Int) -> [Digest] {
        var stream = SplitMixStream(seed: 40)
        return (0..<count).map { _ in
            var bytes: [UInt8] = []
            for _ in 0..<4 { bytes.append(number: stream.next()) }
            return Digest(of: bytes)
        }
    }

    @Test(
        "however many segments there are, their runs fit a manifest",
        arguments: [1, 511, 512, 1_000, 1_600, 20_000, 500_000])
    func runs(count: Int) {
        let digests = Self.digests(count)
        let runs = SegmentJoin.runs(digests, maximum: 511)
        #expect(runs.count <= 511)
        #expect(runs.first?.lowerBound == 0 && runs.last?.upperBound == count)
        #expect(zip(runs, runs.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        if count <= 511 { #expect(runs.count == count) } else { #expect(runs.count > 200) }
    }

    @Test("equal segments are joined to few runs as well")
    func equal() {
        let digest = Self.digests(1)[0]
        let runs = SegmentJoin.runs(Array(repeating: digest, count: 30_000), maximum: 511)
        #expect(runs.count <= 511)
    }

    @Test("an edit changes the runs near it only")
    func edit() {
        let before = Self.digests(1_600)
        var after = before
        after.insert(contentsOf: Self.digests(1_603)[1_600...], at: 700)
        func members(_ digests: [Digest]) -> Set<[Digest]> {
            Set(SegmentJoin.runs(digests, maximum: 511).map { Array(digests[$0]) })
        }
        let left = members(before), right = members(after)
        #expect(left.count - left.intersection(right).count <= 2)
    }
}
