import AssayCore
import Testing

@testable import AssayCapture

@Suite("Shared parser")
struct SharedTapeTests {
    @Test("a parser is lent again when it was given back, and two at once have one each")
    func lend() throws {
        let shared = SharedTape()
        func held() throws -> [UInt8]? {
            try shared.lend { (tape) throws(AssayError) in tape.raw(tape.root) }
        }
        #expect(try held() == nil)
        try shared.lend { (tape) throws(AssayError) in
            #expect(tape.parse(Array("[1]".utf8)[...]) == nil)
            try shared.lend { (other) throws(AssayError) in
                #expect(other.raw(other.root) == nil)
            }
            #expect(tape.raw(tape.root) == Array("[1]".utf8))
        }
        #expect(try held() == Array("[1]".utf8))
    }
}
