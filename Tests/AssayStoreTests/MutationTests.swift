import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayStore

/// Lets every parser of the store read thousands of documents that are almost right.
@Suite("Mutated documents")
struct MutationTests {
    /// The seeds of `scripts/fuzz`, and what it found once.
    static let seeds = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("Fuzz/Seeds")

    /// Reads one document; throws only an `AssayError`, and what it gives is as whole as it says.
    struct Parser: Sendable, CustomStringConvertible {
        let description: String
        let read: @Sendable ([UInt8]) throws(AssayError) -> Void
    }

    static let parsers = [
        Parser(description: "map") { (bytes) throws(AssayError) in
            let segments = Dictionary(
                try Manifest(parsing: seed("manifest"), name: "manifest").layers
                    .map { ($0.digest, $0.size) }, uniquingKeysWith: { $1 })
            for file in try FileMap(parsing: bytes, name: "map", segments: segments).files {
                #expect(FileMap.isSafe(file.path))
                #expect(file.extents.reduce(0) { $0 + $1.length } == file.size)
            }
        },
        Parser(description: "manifest") { (bytes) throws(AssayError) in
            let manifest = try Manifest(parsing: bytes, name: "manifest")
            #expect(manifest.layers.allSatisfy { $0.size >= 0 })
            _ = manifest.bytes
        },
        Parser(description: "ref") { (bytes) throws(AssayError) in
            guard let ref = Ref(line: String(decoding: bytes, as: UTF8.self)) else {
                throw AssayError(.damaged, "no ref")
            }
            #expect(Array(ref.line.utf8) == bytes && ref.sequence > 0)
        },
        Parser(description: "log") { (bytes) throws(AssayError) in
            let content = RefLog.parse(bytes, name: "log")
            _ = content.last
            // A change of the last line cannot be seen in the chain, but nothing after it is read.
            if let fault = content.fault { throw fault }
            if content.isTorn { throw AssayError(.damaged, "half a line") }
        },
        Parser(description: "lease") { (bytes) throws(AssayError) in
            _ = try LeaseFile.parse(bytes, name: "lease")
        },
        Parser(description: "tar") { (bytes) throws(AssayError) in
            let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-store-test-")
            let path = directory.path.appending("archive.tar")
            let file = try OpenFile.creating(path)
            try file.write(bytes)
            for place in try TarIndex.read(path).values {
                #expect(place.offset >= 512 && place.size >= 0)
                #expect(place.size <= bytes.count - place.offset)
            }
        },
    ]

    static func seed(_ name: String) throws(AssayError) -> [UInt8] {
        try FileSystem.read(seeds.appending("\(name)/plain"))
    }

    @Test("every seed is read", arguments: parsers)
    func seeds(parser: Parser) throws {
        try parser.read(try Self.seed(parser.description))
    }

    @Test("nothing that fuzzing found traps", arguments: parsers)
    func findings(parser: Parser) throws {
        let directory = Self.seeds.appending(parser.description)
        for name in try FileSystem.names(in: directory) {
            let bytes = try FileSystem.read(directory.appending(name))
            // Whether it is refused is not the question.
            do { try parser.read(bytes) } catch { continue }
        }
    }

    @Test("no truncation traps", arguments: parsers)
    func truncations(parser: Parser) throws {
        let bytes = try Self.seed(parser.description)
        var refused = 0
        for count in 0..<bytes.count {
            do { try parser.read(Array(bytes[..<count])) } catch { refused += 1 }
        }
        #expect(refused > 0)
    }

    @Test("no mutation traps", arguments: parsers)
    func mutations(parser: Parser) throws {
        let bytes = try Self.seed(parser.description)
        var random = SplitMix(state: 20_260_101)
        var refused = 0
        let rounds = parser.description == "tar" ? 500 : 5000
        for _ in 0..<rounds {
            do { try parser.read(Self.mutate(bytes, &random)) } catch { refused += 1 }
        }
        #expect(refused > rounds / 10, "only \(refused) of \(rounds) were refused")
    }

    /// Numbers and words that parsers trip over.
    static let words = [
        "9223372036854775807", "-9223372036854775808", "18446744073709551616", "-1", "0", "1e999",
        "null", "{}", "[]", "\"\"", "\u{0}", "..", "/", "\\u0000", "\\ud800", "[[[[[[[[", "\n", " ",
        "sha256:", "true", "é",
    ].map { Array($0.utf8) }

    static func mutate(_ seed: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !bytes.isEmpty else { break }
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 1...24, using: &random))
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes.removeSubrange(place..<end)
            case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 4:
                let word = words[Int.random(in: 0..<words.count, using: &random)]
                bytes.insert(contentsOf: word, at: place)
            case 5: replaceNumber(&bytes, near: place, &random)
            default:
                let other = Int.random(in: 0..<bytes.count, using: &random)
                bytes.swapAt(place, other)
            }
        }
        return bytes
    }

    /// Puts an extreme number into the place of the next one.
    private static func replaceNumber(
        _ bytes: inout [UInt8], near place: Int, _ random: inout SplitMix
    ) {
        let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
        guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
        bytes.replaceSubrange(start..<end, with: words[Int.random(in: 0..<6, using: &random)])
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
