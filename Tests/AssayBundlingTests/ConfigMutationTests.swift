import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayBundling

@Suite("Mutated bundle configs")
struct ConfigMutationTests {
    private static let seed = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("Fuzz/Seeds/config/plain")

    @Test("no truncation and no changed byte traps, and what is read writes the same bytes again")
    func mutations() throws {
        let bytes = try FileSystem.read(Self.seed)
        #expect(try BundleConfig.parse(bytes, document: "seed").bytes == bytes)
        var refused = 0
        var tried = 0
        func attempt(_ changed: [UInt8]) throws {
            tried += 1
            do throws(AssayError) {
                _ = try BundleConfig.parse(changed, document: "config").bytes
            } catch {
                refused += 1
            }
        }
        for count in 0..<bytes.count { try attempt(Array(bytes[..<count])) }
        let words = ["0", "\"", "{", "]", "9223372036854775807", "-1", "null", "..", "\u{7F}"]
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << UInt8(bit)
                try attempt(changed)
            }
            for word in words {
                try attempt(
                    Array(bytes[..<place]) + Array(word.utf8) + Array(bytes[(place + 1)...]))
            }
        }
        #expect(tried > 5000)
        #expect(refused > tried / 3, "only \(refused) of \(tried) were refused")
    }
}
