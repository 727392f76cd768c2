import AssayCore
import Testing

@Suite("Percent-encoding")
struct PercentCodingTests {
    @Test("what is unreserved stays, and every byte comes back")
    func roundTrip() {
        let all = [UInt8](0...255)
        let encoded = PercentCoding.encoded(all)
        #expect(PercentCoding.decoded(encoded) == all)
        #expect(PercentCoding.encoded(text: "aZ09-._~ ü/%") == "aZ09-._~%20%C3%BC%2F%25")
        #expect(PercentCoding.encoded("a/b c".utf8) { $0 != 0x20 } == Array("a/b%20c".utf8))
    }

    @Test(
        "what is no escape stays",
        arguments: [
            ("%", "%"), ("%4", "%4"), ("%+F", "%+F"), ("%zz", "%zz"), ("%4g1", "%4g1"),
            ("%%41", "%A"),
            ("%c3%bC", "ü"), ("a+b%2B", "a+b+"), ("", ""),
        ])
    func escapes(text: String, plain: String) {
        #expect(PercentCoding.decoded(text: text) == plain)
    }

    @Test("in forms a plus is a space, and an escaped one is not")
    func plus() {
        #expect(PercentCoding.decoded("a+b%2B".utf8, plusIsSpace: true) == Array("a b+".utf8))
    }
}
