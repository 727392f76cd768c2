import AssayCore
import Testing

@testable import AssayReplay

@Suite("base64")
struct Base64Tests {
    @Test("what was encoded is decoded, and anything else is refused")
    func roundTrip() throws {
        for count in 0..<20 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 200) }
            #expect(try Base64.decode(Base64.encode(bytes)) == bytes)
        }
        for text in ["A", "AA", "AAA", "A===", "AA=A", "AA==AAAA", "AAAA====", "A-AA", "AA A"] {
            #expect(throws: AssayError.self, "\(text)") { try Base64.decode(text) }
        }
    }
}
