import AssayCore
import Testing

@testable import AssayCapture

@Suite("Damaged imports")
struct ImporterDamageTests {
    private static let errors: Set<AssayError.Code> = [
        .damaged, .unsupported, .limit, .invalidDocument,
    ]

    @Test(
        "every truncation is an error or gives exchanges of the whole file",
        arguments: ImportSamples.all)
    func truncations(name: String, format: CaptureFormat, seen: Int, whole: Int) throws {
        let bytes = try ImportSamples.bytes(name)
        let (all, _) = try ImportSamples.read(bytes, as: format)
        let known = Set(all.map(\.id))
        for length in 0..<bytes.count {
            let cut = Array(bytes[..<length])
            do {
                let (exchanges, losses) = try ImportSamples.read(cut, as: format)
                #expect(losses.isBalanced && losses.whole == exchanges.count)
                #expect(exchanges.allSatisfy { known.contains($0.id) }, "\(name) cut at \(length)")
            } catch let error as AssayError {
                #expect(Self.errors.contains(error.code), "\(name) cut at \(length): \(error)")
                let place = length == 0 ? "it is empty" : "byte"
                #expect(error.message.contains(place), "\(name) cut at \(length): \(error)")
            }
            let (kept, losses) = try ImportSamples.read(
                cut, as: format, options: ImportOptions(salvage: true))
            #expect(losses.isBalanced && losses.whole == kept.count)
            #expect(kept.allSatisfy { known.contains($0.id) }, "\(name) salvaged at \(length)")
        }
    }

    @Test(
        "no change of bytes does more than give an error or other exchanges",
        arguments: ImportSamples.all)
    func mutations(name: String, format: CaptureFormat, seen: Int, whole: Int) throws {
        let bytes = try ImportSamples.bytes(name)
        var generator = SplitMix64(seed: 7)
        for _ in 0..<400 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<changed.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: changed[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: changed.remove(at: place)
                case 2: changed.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                default:
                    let end = min(changed.count, place + 40)
                    changed.insert(contentsOf: changed[place..<end], at: place)
                }
            }
            for salvage in [false, true] {
                do {
                    let (exchanges, losses) = try ImportSamples.read(
                        changed, as: format,
                        options: ImportOptions(salvage: salvage, keepsUnanswered: salvage))
                    #expect(losses.isBalanced && losses.whole == exchanges.count)
                } catch let error as AssayError {
                    #expect(Self.errors.contains(error.code), "\(name): \(error)")
                    #expect(!salvage, "\(name) was not salvaged: \(error)")
                }
            }
        }
    }

    @Test("salvage keeps what is whole before and behind the damage")
    func salvage() throws {
        var bytes = try ImportSamples.bytes("kserve.jsonl")
        let second = try #require(bytes.firstIndex(of: 0x0A)) + 10
        bytes[second] = 0x00
        #expect(throws: AssayError.self) { try ImportSamples.read(bytes) }
        let (exchanges, losses) = try ImportSamples.read(
            bytes, options: ImportOptions(salvage: true))
        #expect(exchanges.count == 1 && losses.truncated == 3, "\(losses)")
    }
}
