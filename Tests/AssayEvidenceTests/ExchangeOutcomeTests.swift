import AssayCore
import AssayEvidence
import Testing

@Suite("outcome rows")
struct ExchangeOutcomeTests {
    @Test("a row is the canonical form of its JSON and reads back")
    func roundTrip() throws {
        for row in [
            Samples.row("00ff"), ExchangeOutcome(exchange: "a", session: "a", route: "GET /"),
        ] {
            var bytes: [UInt8] = []
            row.appendRow(to: &bytes)
            #expect(bytes == CanonicalJSON.encode(row.json) + [0x0A])
            #expect(try ExchangeOutcome.parse(row: bytes, name: "row 1") == row)
        }
    }

    @Test("a comparison that found nothing stays apart from one that was not made")
    func emptyComparison() throws {
        var row = ExchangeOutcome(exchange: "a", session: "a", route: "GET /")
        row.differences = [.effect: []]
        var bytes: [UInt8] = []
        row.appendRow(to: &bytes)
        let again = try ExchangeOutcome.parse(row: bytes, name: "row 1")
        #expect(again.differences[.effect] == [])
        #expect(again.differences[.noise] == nil)
    }

    @Test("an unknown comparison, kind, failure or standing is refused")
    func unknownNames() {
        let start = #"{"exchange":"a","route":"r","session":"s","identity":"#
        let rows = [
            start + #""unknown-bundle","differences":{"other":[]}}"#,
            start + #""unknown-bundle","differences":{"effect":[{"path":"/a","kind":"odd"}]}}"#,
            start + #""unknown-bundle","arms":{"baseline":{"failure":"bored"}}}"#,
            start + #""maybe"}"#,
        ]
        for row in rows {
            #expect(throws: AssayError.self) {
                try ExchangeOutcome.parse(row: Array(row.utf8), name: "row")
            }
        }
    }
}
