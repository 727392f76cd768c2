import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayReplay

@Suite("rows sorted with bounded memory")
struct OutcomeSpillTests {
    @Test(
        "records come back sorted and whole, from memory and from any number of runs",
        arguments: [64 << 20, 4096, 100])
    func merge(memoryLimit: Int) throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        var spill = OutcomeSpill(in: directory.path, memoryLimit: memoryLimit)
        var generator = SplitMix64(seed: 3)
        var expected: [OutcomeSpill.Record] = []
        for number in 0..<500 {
            let size = Int.random(in: 0..<50, using: &generator)
            expected.append(
                OutcomeSpill.Record(
                    exchange: Digest(of: "\(number)".utf8).hex, differs: number % 3 == 0,
                    row: Array(repeating: UInt8(number % 256), count: size),
                    timing: Array(repeating: 7, count: number % 5)))
        }
        for record in expected { try spill.add(record) }
        expected.sort { $0.exchange < $1.exchange }
        var merged: [OutcomeSpill.Record] = []
        try spill.merge { (record: OutcomeSpill.Record) throws(AssayError) in merged.append(record)
        }
        #expect(merged == expected)
    }

    @Test("the smallest of a stream are kept, whatever its order")
    func smallest() {
        var generator = SplitMix64(seed: 5)
        for _ in 0..<20 {
            var kept = Smallest<Int>(limit: 10)
            for number in (0..<100).shuffled(using: &generator) { kept.add(number) }
            #expect(kept.elements.sorted() == Array(0..<10))
        }
    }
}
