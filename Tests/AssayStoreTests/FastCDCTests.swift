import AssayCore
import AssaySystem
import CFastCDC
import Crypto
import SystemPackage
import Testing

@testable import AssayStore

@Suite("FastCDC")
struct FastCDCTests {
    /// The lengths of the segments of content that arrives in pieces of `piece` bytes.
    static func lengths(
        _ cuts: SegmentCuts, size: Int, piece: Int,
        fill: (UnsafeMutableRawBufferPointer, Int) -> Void
    ) -> [Int] {
        var cutter = SegmentCutter(cuts, size: size)
        var lengths: [Int] = []
        var open = 0
        var offset = 0
        var buffer = [UInt8](repeating: 0, count: piece)
        while offset < size {
            let count = min(piece, size - offset)
            unsafe buffer.withUnsafeMutableBytes { raw in
                let part = unsafe UnsafeMutableRawBufferPointer(rebasing: raw[..<count])
                unsafe fill(part, offset)
                var rest = unsafe UnsafeRawBufferPointer(part)[...]
                while unsafe !rest.isEmpty {
                    let step = unsafe cutter.advance(over: UnsafeRawBufferPointer(rebasing: rest))
                    open += step.count
                    unsafe rest = rest.dropFirst(step.count)
                    if step.ends {
                        lengths.append(open)
                        open = 0
                    }
                }
            }
            offset += count
        }
        #expect(open == 0)
        return lengths
    }

    static func lengths(_ cuts: FastCDC, of bytes: [UInt8], piece: Int = 1 << 20) -> [Int] {
        lengths(.content(cuts), size: bytes.count, piece: piece) { part, offset in
            unsafe part.copyBytes(from: bytes[offset..<offset + part.count])
        }
    }

    @Test("the public test vectors of the Bazel remote execution API hold")
    func publicVectors() throws {
        let path = FilePath(#filePath).removingLastComponent().appending("Vectors")
            .appending("SekienAkashita.jpg")
        let bytes = try FileSystem.read(path)
        #expect(
            Digest(of: bytes).hex
                == "d9e749d9367fc908876749d6502eb212fee88c9a94892fb07da5ef3ba8bc39ed")
        let cuts = FastCDC(minimum: 4096, average: 16384, maximum: 65535)
        for piece in [1 << 20, 4096, 1001, 7] {
            #expect(
                Self.lengths(cuts, of: bytes, piece: piece)
                    == [19186, 19279, 17354, 16387, 19940, 17320])
        }
    }

    @Test("the Gear values are the MD5 of each byte 64 times over, the masks have a bit more each")
    func tables() {
        for byte in UInt8.min...UInt8.max {
            let digest = Array(Insecure.MD5.hash(data: [UInt8](repeating: byte, count: 64)))
            #expect(digest[..<8].reduce(0) { $0 << 8 | UInt64($1) } == assay_gear(byte))
        }
        for (bits, mask) in FastCDC.masks.enumerated().dropFirst(5) {
            #expect(mask.nonzeroBitCount == bits)
        }
    }

    /// From Vectors/golden.py, which agrees with pyfastcdc 0.3.1 as far as that goes (4 MiB).
    static let golden: [(seed: UInt64, size: Int, average: Int, lengths: [Int])] = [
        (
            1, 3_000_001, 1 << 18,
            [
                278755, 279096, 273623, 269572, 330780, 361829, 333171, 395127, 292379, 185669,
            ]
        ),
        (
            2, 40_000_000, 1 << 22,
            [
                5_650_810, 6_980_843, 4_865_488, 4_681_382, 4_687_342, 4_340_752, 3_114_879,
                4_974_869, 703635,
            ]
        ),
        (
            3, 100_000_003, 1 << 23,
            [
                5_936_914, 13_061_888, 16_694_884, 4_163_138, 8_910_195, 11_197_704, 6_556_865,
                9_328_341, 9_486_738, 9_129_087, 5_534_249,
            ]
        ),
        (
            4, 200_000_000, 1 << 24,
            [
                19_727_419, 18_988_825, 22_983_715, 18_060_586, 17_615_892, 18_816_876, 21_449_985,
                19_650_955, 20_222_739, 4_239_913, 17_656_648, 586447,
            ]
        ),
        (5, 300_000_000, 1 << 26, [84_102_403, 90_405_544, 73_078_698, 52_413_355]),
    ]

    @Test("cuts of larger averages are what they were", arguments: 0..<5)
    func goldenCuts(index: Int) {
        let golden = Self.golden[index]
        var stream = SplitMixStream(seed: golden.seed)
        let found = Self.lengths(
            .content(FastCDC(average: golden.average)), size: golden.size, piece: 1 << 20
        ) { part, _ in unsafe stream.fill(part) }
        #expect(found == golden.lengths)
    }

    @Test("an edit moves the cuts near it only")
    func edit() {
        let before = SplitMixStream.bytes(8_000_000, seed: 6)
        var after = before
        after.insert(contentsOf: [1, 2, 3], at: 3_000_000)
        func ends(_ bytes: [UInt8]) -> Set<Int> {
            var end = 0
            return Set(
                Self.lengths(FastCDC(average: 1 << 18), of: bytes).map {
                    end += $0
                    return bytes.count - end
                })
        }
        let left = ends(before), right = ends(after)
        let common = left.intersection(right)
        #expect(left.count > 20)
        #expect(common.contains { $0 > 4_000_000 && $0 < 5_000_000 })
        #expect(common.count >= left.filter { $0 < 4_000_000 }.count)
    }

    @Test("no segment is shorter than the minimum but the last, none longer than the maximum")
    func bounds() {
        for size in [0, 1, 1023, 1024, 1025, 4095, 4097, 100_001] {
            for bytes in [
                SplitMixStream.bytes(size, seed: 7), [UInt8](repeating: 0, count: size),
            ] {
                let lengths = Self.lengths(FastCDC(average: 4096), of: bytes, piece: 777)
                #expect(lengths.reduce(0, +) == size)
                #expect(lengths.dropLast().allSatisfy { $0 >= 1024 })
                #expect(lengths.allSatisfy { $0 <= 16384 && $0 > 0 })
            }
        }
    }
}
