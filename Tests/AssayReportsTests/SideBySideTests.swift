import AssayReports
import Testing

@Suite("Reports")
struct SideBySideTests {
    @Test("texts stand side by side, and only what differs is marked")
    func columns() {
        let view = SideBySide(
            left: ("baseline", "{\n  \"a\": 1,\n  \"b\": 2\n}"),
            right: ("candidate", "{\n  \"a\": 1,\n  \"b\": 3,\n  \"c\": 4\n}"), width: 80)
        #expect(
            view.lines == [
                "baseline       candidate", "{              {", "  \"a\": 1,        \"a\": 1,",
                "  \"b\": 2     ≠   \"b\": 3,", "             ≠   \"c\": 4", "}              }",
            ])
    }

    @Test("a table aligns its columns and leaves no white space at the ends")
    func table() {
        let table = TextTable(
            header: ["name", "count"], rows: [["a", "5"], ["longer", "12345"]], rightAligned: [1])
        #expect(table.lines == ["name    count", "a           5", "longer  12345"])
    }

    @Test("control characters of an answer do not reach the terminal")
    func control() {
        let view = SideBySide(left: ("l", "a\u{1b}[2Jb"), right: ("r", "x"), width: 80)
        #expect(!view.lines.joined().contains("\u{1b}"))
    }
}
