import AssayCapture
import Testing

@testable import AssayCommands

@Suite("Captures for people")
struct CaptureTextTests {
    private static let command = "a\u{1B}[2J\nb\u{9B}1m"

    @Test("what was recorded does not command the terminal")
    func escapes() {
        var losses = CaptureLosses()
        losses.lose(\.unsupported, Self.command)
        losses.note(Self.command)
        let outline = [(id: "0123456789abcdef", startedAt: Int64(1), session: Self.command)]
        let lines =
            CaptureText.lines(losses) + CaptureText.exchanges(outline)
            + CaptureText.sessions(outline)
        #expect(lines.count == 5)
        for line in lines {
            #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x9B })
        }
        #expect(lines.suffix(4).allSatisfy { $0.contains("a\\u{1b}[2J\\u{a}b\\u{9b}1m") })
    }

    @Test("sessions are told by their counts, the largest first")
    func sessions() {
        let outline = ["b", "a", "c", "c"].map { (id: "", startedAt: Int64(1), session: $0) }
        #expect(CaptureText.sessions(outline) == ["2  c", "1  a", "1  b"])
    }
}
