import AssayCore
import Testing

@testable import AssayStore

@Suite("Tensor cuts")
struct TensorCutsTests {
    static let mebi = 1 << 20

    static func lengths(_ cuts: [Int]) -> [Int] {
        zip(cuts, [0] + cuts).map { $0 - $1 }
    }

    @Test("the header stands alone, small neighbours are joined, long tensors cut from their start")
    func cuts() throws {
        let sizes = [2 * Self.mebi, 100, 30_000, 3 * Self.mebi, 9 * Self.mebi + 5, 10, 70_000]
        let header = ModelFiles.safetensors(sizes: sizes)
        let size = header.count + sizes.reduce(0, +)
        #expect(SafetensorsHeader.size(Array(header[..<9]), fileSize: size) == header.count)
        let layout = try #require(SafetensorsHeader.layout(header, fileSize: size))
        #expect(
            Self.lengths(layout.cuts()) == [
                header.count, 2 * Self.mebi, 30_100, 3 * Self.mebi, 4 * Self.mebi, 4 * Self.mebi,
                Self.mebi + 5, 10, 70_000,
            ])
    }

    @Test("the least size doubles until the segments are few enough")
    func steps() throws {
        let sizes = [Int](repeating: 200_000, count: 5_000)
        let header = ModelFiles.safetensors(sizes: sizes)
        let size = header.count + sizes.reduce(0, +)
        let layout = try #require(SafetensorsHeader.layout(header, fileSize: size))
        let cuts = layout.cuts()
        #expect(cuts.count <= 384 && cuts.count > 150)
        #expect(cuts.last == size)
        #expect(cuts.dropFirst().dropLast().allSatisfy { ($0 - header.count) % 200_000 == 0 })
        #expect(layout.cuts(maximum: 1).count == 2)
    }

    @Test("a file of 200 GB has no more segments than one of 2 GB", arguments: [2, 200])
    func large(gigabytes: Int) throws {
        let sizes = [Int](repeating: gigabytes << 24, count: 64)
        let header = ModelFiles.safetensors(sizes: sizes)
        let size = header.count + sizes.reduce(0, +)
        let layout = try #require(SafetensorsHeader.layout(header, fileSize: size))
        let cuts = layout.cuts()
        #expect(cuts.count <= 384 && cuts.count >= 65)
        #expect(cuts.last == size)
    }

    @Test("changed tensors change their own segments only")
    func change() throws {
        let sizes = (0..<200).map { $0 % 2 == 0 ? 3072 : 2_359_296 }
        let header = ModelFiles.safetensors(sizes: sizes)
        let size = header.count + sizes.reduce(0, +)
        let cuts = try #require(SafetensorsHeader.layout(header, fileSize: size)).cuts()
        // A bias beside a weight must not take the weight's bytes with it.
        #expect(Set(Self.lengths(cuts)) == [header.count, 3072, 2_359_296])
    }

    static let malformed: [(name: String, header: [UInt8], rest: Int)] = [
        ("overlap", ModelFiles.safetensors([("a", 0..<100), ("b", 50..<150)]), 150),
        ("beyond the end", ModelFiles.safetensors([("a", 0..<100)]), 99),
        ("no JSON", ModelFiles.little(6, 8) + Array("{\"a\":x".utf8), 10),
        ("offsets are no numbers", Self.raw(#"{"a":{"data_offsets":["0","1"]}}"#), 10),
        ("three offsets", Self.raw(#"{"a":{"data_offsets":[0,1,2]}}"#), 10),
        ("negative", Self.raw(#"{"a":{"data_offsets":[-5,3]}}"#), 10),
        ("backwards", Self.raw(#"{"a":{"data_offsets":[5,3]}}"#), 10),
        ("no offsets", Self.raw(#"{"a":{"dtype":"U8"}}"#), 10),
        ("largest", Self.raw(#"{"a":{"data_offsets":[0,9223372036854775807]}}"#), 10),
    ]

    static func raw(_ json: String) -> [UInt8] {
        ModelFiles.little(UInt64(json.utf8.count), 8) + Array(json.utf8)
    }

    @Test("a malformed safetensors header has no layout", arguments: 0..<9)
    func malformedSafetensors(index: Int) {
        let sample = Self.malformed[index]
        let size = sample.header.count + sample.rest
        #expect(
            SafetensorsHeader.layout(sample.header, fileSize: size) == nil, "\(sample.name)")
    }

    @Test("lengths that lead out of the file or the limit are no header")
    func safetensorsSize() {
        for length in [UInt64.max, 1 << 63, UInt64(SafetensorsHeader.limit + 1), 992, 1, 0] {
            let start = ModelFiles.little(length, 8) + [UInt8(ascii: "{")]
            #expect(SafetensorsHeader.size(start, fileSize: 999) == nil, "\(length)")
        }
        #expect(SafetensorsHeader.size(ModelFiles.little(991, 8), fileSize: 999) == nil)
        let start = ModelFiles.little(991, 8) + [UInt8(ascii: "{")]
        #expect(SafetensorsHeader.size(start, fileSize: 999) == 999)
    }

    @Test("a GGUF file is cut where its tensors begin", arguments: [2, 3] as [UInt64])
    func gguf(version: UInt64) throws {
        let header = ModelFiles.gguf(
            offsets: [5 * Self.mebi, 0, 2 * Self.mebi], version: version)
        let size = header.count + 7 * Self.mebi
        let layout = try #require(
            GGUFHeader.read(header, fileSize: size).layout)
        #expect(
            Self.lengths(layout.cuts())
                == [header.count, 2 * Self.mebi, 3 * Self.mebi, 2 * Self.mebi])
    }

    @Test("every cut of a GGUF header asks for more, and is malformed when there is no more")
    func ggufTruncation() {
        let header = ModelFiles.gguf(offsets: [0, 64], alignment: 32)
        var end = header.count
        while GGUFHeader.read(Array(header[..<end]), fileSize: 9_999).layout != nil { end -= 1 }
        // Padding only was cut so far.
        #expect(header.count - end <= 32)
        for count in 4...end {
            let part = Array(header[..<count])
            #expect(GGUFHeader.read(part, fileSize: 9_999) == .needsMore, "\(count)")
            #expect(GGUFHeader.read(part, fileSize: count) == .malformed, "\(count)")
        }
    }

    @Test("a GGUF header of another version, alignment or depth is malformed")
    func malformedGGUF() {
        func outcome(_ bytes: [UInt8]) -> GGUFHeader.Outcome {
            GGUFHeader.read(bytes, fileSize: 1 << 20)
        }
        #expect(outcome(ModelFiles.gguf(offsets: [0], version: 1)) == .malformed)
        #expect(outcome(ModelFiles.gguf(offsets: [7])) == .malformed)
        #expect(outcome(ModelFiles.gguf(offsets: [1 << 40])) == .malformed)
        let start = Array("GGUF".utf8) + ModelFiles.little(3, 4)
        let one = ModelFiles.little(1, 8)
        let key = one + [UInt8(ascii: "k")] + ModelFiles.little(9, 4)
        // Arrays within arrays, and counts whose size overflows.
        let nested = (0..<10).flatMap { _ in ModelFiles.little(9, 4) + one }
        #expect(outcome(start + one + one + key + nested) == .malformed)
        let huge = ModelFiles.little(12, 4) + ModelFiles.little(UInt64.max, 8)
        #expect(outcome(start + one + one + key + huge) == .malformed)
        let zero = ModelFiles.little(0, 8)
        #expect(outcome(start + ModelFiles.little(UInt64.max, 8) + zero) == .needsMore)
    }

    @Test("headers with random damage give a layout inside the file or none, and never a trap")
    func mutations() {
        var random = SplitMixStream(seed: 11)
        let sizes = [100, 2 * Self.mebi, 50_000, 5 * Self.mebi]
        let samples = [
            ModelFiles.safetensors(sizes: sizes), ModelFiles.gguf(offsets: [0, 64, 4096]),
        ]
        var whole = 0
        for round in 0..<4_000 {
            var bytes = samples[round % 2]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                case 2: bytes.insert(bytes[place], at: place)
                default: bytes.remove(at: place)
                }
            }
            let size = bytes.count + Int.random(in: 0...(8 << 20), using: &random)
            var layout = GGUFHeader.read(bytes, fileSize: size).layout
            if let count = SafetensorsHeader.size(bytes, fileSize: size), count <= bytes.count {
                layout = SafetensorsHeader.layout(Array(bytes[..<count]), fileSize: size)
            }
            guard let layout else { continue }
            whole += 1
            let cuts = layout.cuts()
            #expect(cuts.last == size)
            #expect(zip(cuts, cuts.dropFirst()).allSatisfy { $0 < $1 })
        }
        #expect(whole > 100)
    }
}

extension GGUFHeader.Outcome {
    var layout: TensorLayout? {
        if case .layout(let layout) = self { layout } else { nil }
    }
}
