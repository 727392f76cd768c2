import AssayCore
import Testing

@testable import AssayCapture

@Suite("multipart/form-data")
struct MultipartFormTests {
    private static let rules: [RedactionRules.Rule] = [
        .init(.query("gone"), .drop), .init(.query("same"), .pseudonym),
    ]

    private static func field(_ name: String, _ content: String, more: String = "") -> String {
        "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\(more)\r\n\r\n\(content)\r\n"
    }

    private static func redact(
        _ body: String, type: String = "multipart/form-data; boundary=B"
    ) throws -> (body: String, redacted: [String], notes: [String], exchange: Exchange) {
        var exchange = UnreadableBodyTests.exchange(
            Array(body.utf8), "Content-Type: \(type)\r\n")
        let redactor = Redactor(RedactionRules(rules), key: RedactionTests.key)
        let notes = try redactor.apply(to: &exchange)
        let message = try HTTPMessage(exchange.request, role: .request)
        return (
            String(decoding: message.body, as: UTF8.self), exchange.redacted, notes, exchange
        )
    }

    @Test("parts are redacted by their names, and all other bytes stay")
    func parts() throws {
        let body =
            "\r\n" + Self.field("a", "1") + Self.field("password", "hush")
            + Self.field("gone", "hush") + Self.field("b", "--A\r\n")
            + Self.field("same", "u1") + Self.field("SECRET", "x", more: "; filename=\"hush.txt\"")
            + "--B--\r\nnothing"
        let found = try Self.redact(body)
        let name = Redactor(RedactionRules(), key: RedactionTests.key).pseudonym("u1".utf8)
        #expect(
            found.body == "\r\n" + Self.field("a", "1") + Self.field("password", "redacted")
                + Self.field("b", "--A\r\n") + Self.field("same", name)
                + Self.field("SECRET", "redacted", more: "; filename=\"redacted\"")
                + "--B--\r\nnothing")
        #expect(
            found.redacted == [
                "request form gone", "request form password", "request form same",
                "request form secret",
            ])
        #expect(found.notes.isEmpty)
        // What is redacted is changed no further.
        var again = found.exchange
        let redactor = Redactor(RedactionRules(Self.rules), key: RedactionTests.key)
        _ = try redactor.apply(to: &again)
        #expect(again == found.exchange)
    }

    @Test(
        "a boundary may stand in quotes, with any letters and white space behind it",
        arguments: ["multipart/form-data; boundary=\"B\"", "Multipart/Form-Data; a=b;Boundary=B ;"])
    func boundaries(type: String) throws {
        let body = "--B \t\r\nContent-disposition:form-data;name=password\r\n\r\nhush\r\n--B--"
        let found = try Self.redact(body, type: type)
        #expect(
            found.body
                == "--B \t\r\nContent-disposition: form-data; name=\"password\"\r\n\r\nredacted\r\n--B--"
        )
    }

    @Test("of a redacted part's headers the name and the media type stay")
    func headers() throws {
        let body =
            "--B\r\nX-Note: hush\r\nContent-Disposition: form-data; name=\"pass\\\"word\"; "
            + "hint=hush; filename*0=hush\r\nContent-Type: text/plain; name=hush\r\n"
            + "Content-Transfer-Encoding: base64\r\n\r\naHVzaA==\r\n--B--"
        let kept =
            "--B\r\nContent-Disposition: form-data; name=\"pass\\\"word\"; filename=\"redacted\"\r\n"
            + "Content-Type: text/plain\r\n\r\n"
        for action in [RedactionRules.Action.mask, .pseudonym] {
            var exchange = UnreadableBodyTests.exchange(
                Array(body.utf8), "Content-Type: \(Self.type)\r\n")
            let redactor = Redactor(
                RedactionRules([.init(.query("pass\"word"), action)]), key: RedactionTests.key)
            _ = try redactor.apply(to: &exchange)
            let content = action == .mask ? "redacted" : redactor.pseudonym("aHVzaA==".utf8)
            #expect(ImportSamples.text(exchange.request).hasSuffix(kept + content + "\r\n--B--"))
        }
    }

    private static let type = "multipart/form-data; boundary=B"
    static let damaged: [(name: String, body: String, type: String)] = [
        ("no boundary", field("password", "hush") + "--B--\r\n", "multipart/form-data"),
        (
            "an empty one", field("password", "hush") + "--B--\r\n",
            "multipart/form-data; boundary=\"\""
        ),
        ("two", field("password", "hush") + "--B--\r\n", type + "; boundary=A"),
        ("another", field("password", "hush") + "--B--\r\n", "multipart/form-data; boundary=A"),
        ("no last one", field("password", "hush"), type),
        ("one in a line", "a--B--\r\n", type),
        ("one behind a line feed", "--B\r\n\r\na\n" + field("password", "hush") + "--B--", type),
        ("more behind it", field("a", "1") + "--Bc\r\n\r\nhush\r\n--B--", type),
        ("parts behind the last", "--B--\r\n" + field("password", "hush"), type),
        (
            "a head without end",
            "--B\r\nContent-Disposition: form-data; name=\"password\"\r\n--B--", type
        ),
        (
            "a folded header",
            "--B\r\nContent-Disposition: form-data;\r\n name=\"password\"\r\n\r\nhush\r\n--B--",
            type
        ),
        (
            "bare line feeds",
            "--B\r\nContent-Disposition: form-data; name=\"password\"\n\nhush\r\n--B--", type
        ),
        (
            "an open quote",
            "--B\r\nContent-Disposition: form-data; name=\"password\r\n\r\nhush\r\n--B--", type
        ),
        ("two names", field("a", "hush", more: "; name=\"password\"") + "--B--", type),
        ("an encoded name", field("a", "hush", more: "; name*=utf-8''password") + "--B--", type),
        (
            "a name in pieces",
            field("a", "hush", more: "; name*0=pass; name*1=word") + "--B--", type
        ),
        ("an encoded piece", field("a", "hush", more: "; Name*0*=utf-8''p") + "--B--", type),
        (
            "two dispositions",
            "--B\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=password\r\n\r\nhush\r\n--B--",
            type
        ),
        (
            "parts of parts",
            "--B\r\nContent-Disposition: form-data; name=a\r\nContent-Type: Multipart/mixed; boundary=C\r\n\r\nhush\r\n--B--",
            type
        ),
        (
            "too many parts",
            String(repeating: field("a", "1"), count: 5000) + field("password", "hush") + "--B--",
            type
        ),
    ]

    @Test(
        "a form that cannot be cut in one way alone is dropped and noted",
        arguments: damaged.indices)
    func damage(index: Int) throws {
        let found = try Self.redact(Self.damaged[index].body, type: Self.damaged[index].type)
        #expect(found.body.isEmpty, "\(Self.damaged[index].name)")
        #expect(found.redacted == ["request body"])
        #expect(found.notes.count == 1 && found.notes[0].hasSuffix(": it was dropped"))
    }

    @Test("every truncation keeps nothing that a rule names")
    func truncations() throws {
        let body = Self.field("a", "1") + Self.field("password", "hush") + "--B--\r\n"
        for count in 0..<body.utf8.count {
            let found = try Self.redact(String(body.prefix(count)))
            #expect(!found.body.contains("hu"))
        }
    }

    @Test("a scan looks into parts by their names")
    func scan() throws {
        let body = Self.field("client_secret", "correct-horse-battery") + "--B--\r\n"
        var report = SecretReport()
        report.add(
            UnreadableBodyTests.exchange(
                Array(body.utf8), "Content-Type: multipart/form-data; boundary=B\r\n"), id: "1")
        #expect(report.rows.map(\.kind) == ["secret by its name"])
        #expect(report.rows.map(\.place) == ["request body"])
    }
}
