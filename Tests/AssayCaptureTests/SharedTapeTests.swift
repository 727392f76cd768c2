import AssayCore
import Synchronization
import Testing

@testable import AssayCapture

@Suite("Shared parser")
struct SharedTapeTests {
    @Test("a parser is lent again when it was given back, and two at once have one each")
    func lend() throws {
        let shared = SharedTape()
        func idle() -> Int { shared.idle.withLock { $0.count } }
        #expect(idle() == 0)
        try shared.lend { (tape) throws(AssayError) in
            #expect(tape.parse(Array("[1]".utf8)[...]) == nil)
            try shared.lend { (other) throws(AssayError) in
                #expect(other.raw(other.root) == nil)
            }
            #expect(tape.raw(tape.root) == Array("[1]".utf8))
        }
        #expect(idle() == 2)
        try shared.lend { (tape) throws(AssayError) in
            #expect(idle() == 1)
            // Nothing is left of what it read before.
            #expect(tape.raw(tape.root) == nil)
        }
        #expect(throws: AssayError.self) {
            try shared.lend { (_) throws(AssayError) in throw AssayError(.usage, "no") }
        }
        #expect(idle() == 2)
    }
}
