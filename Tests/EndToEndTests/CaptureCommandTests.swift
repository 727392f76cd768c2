import AssayCore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

/// The commands about captures, as a person uses them.
@Suite("Captures at the command line")
struct CaptureCommandTests {
    /// A service with a capture `a` of three exchanges, whose bodies are `one`, `two` and `three`.
    private static func service() async throws -> ServiceRepository {
        let service = try await ServiceRepository.make()
        var text = ""
        for (index, word) in ["one", "two", "three"].enumerated() {
            let id = String(repeating: "\(index)", count: 24)
            let start = 1_700_000_000_000_000_000 + index * 86_400_000_000_000
            text +=
                "1 \(id) \(start)\nPOST /\(word) HTTP/1.1\r\nHost: a\r\nContent-Length: \(word.utf8.count)\r\n\r\n\(word)\n🐵🙈🙉\n"
            text +=
                "2 \(id) \(start + 1000) 10\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\n🐵🙈🙉\n"
        }
        try service.write("a.gor", text)
        try await service.expect(0, "capture", "import", "a.gor", "--name", "a")
        return service
    }

    private static func lines(_ output: String) -> [Substring] { output.split(separator: "\n") }

    /// The ids of a capture's exchanges, in the order of time.
    private static func ids(_ service: borrowing ServiceRepository, _ name: String) async throws
        -> [String]
    {
        let shown = try await service.expect(0, "capture", "show", name, "--exchanges")
        return lines(shown.output).map { String($0.prefix(16)) }
    }

    @Test("what is purged goes from every capture that holds it, and stays counted")
    func purge() async throws {
        let service = try await Self.service()
        let ids = try await Self.ids(service, "a")
        #expect(ids.count == 3)
        try await service.expect(
            0, "capture", "filter", "a", "--route", "POST /t*", "--name", "b")
        let before = try await service.expect(0, "capture", "show", "a")

        // Without --apply nothing happens.
        let plan = try await service.expect(0, "capture", "purge", "--exchange", ids[1])
        #expect(
            Self.lines(plan.output) == [
                "a: would purge 1 exchanges, 2 are left", "b: would purge 1 exchanges, 1 are left",
            ])
        #expect(try await service.expect(0, "capture", "show", "a").output == before.output)

        try await service.expect(0, "capture", "purge", "--exchange", "a#\(ids[1])", "--apply")
        #expect(try await Self.ids(service, "a") == [ids[0], ids[2]])
        #expect(try await Self.ids(service, "b") == [ids[2]])
        let after = try await service.expect(0, "capture", "show", "a")
        #expect(after.output.contains("seen 3 = whole 2 + truncated 0 + unsupported 0 + skipped 1"))
        #expect(after.output.contains("lost 1 × purged"), "\(after.output)")
        try await service.expect(0, "capture", "verify", "a")
        // The old capture is gone with its blobs.
        let old = Self.lines(before.output)[0].suffix(64).prefix(12)
        try await service.expect(0, "store", "gc", "--apply", "--grace", "0", "--trash", "0")
        try await service.expect(2, "capture", "show", String(old))
        try await service.expect(0, "store", "fsck")

        // Retention by age: all of this is old, and a capture without exchanges is no more.
        let aged = try await service.expect(
            0, "capture", "purge", "--older-than", "1", "--apply", "b")
        #expect(aged.output == "b: purged 1 exchanges, nothing is left of it\n")
        try await service.expect(2, "capture", "show", "b")
        let none = try await service.expect(0, "capture", "purge", "--session", "nobody", "--apply")
        #expect(none.errors.contains("no such exchange is in"))
        try await service.expect(2, "capture", "purge", "--apply")
        try await service.expect(2, "capture", "purge", "--exchange", "12345")

        // The age may be written down; `a` and the `core` of every service are from 2023.
        try service.write("assay.yaml", ServiceRepository.definition + "  retention: 30d\n")
        let doctor = try await service.assay("doctor")
        #expect(doctor.output.contains("older than 30 days"), "\(doctor.output)")
        // Nothing is so old as these limits.
        try service.write("assay.yaml", ServiceRepository.definition + "  retention: 36500d\n")
        let far = try await service.assay("doctor")
        #expect(far.output.contains("no exchange is older than 36500 days"), "\(far.output)")
        for (option, limit) in [("--older-than", "36500"), ("--before", "1960-01-01")] {
            let none = try await service.expect(0, "capture", "purge", "a", option, limit)
            #expect(none.errors.contains("no such exchange is in"), "\(none.errors)")
        }
        try service.write("assay.yaml", ServiceRepository.definition + "  retention: 30d\n")
        let retained = try await service.expect(0, "capture", "purge", "--apply", "a")
        #expect(retained.output == "a: purged 2 exchanges, nothing is left of it\n")

        // What has no times has no age.
        try service.write("targets.json", #"{"method":"GET","url":"http://a/x"}"# + "\n")
        try await service.expect(
            0, "capture", "import", "targets.json", "--keep-unanswered", "--name", "untimed")
        let young = try await service.expect(0, "capture", "purge", "--apply", "untimed")
        #expect(
            young.output.isEmpty && young.errors.contains("1 exchanges are of a format without"))
        try service.write("assay.yaml", "nonsense: [1\n")
        let broken = try await service.assay("doctor")
        #expect(broken.output.contains("assay.yaml") && broken.output.contains("protection"))
    }

    @Test("one exchange is shown readably, raw, as JSON and as a curl command")
    func show() async throws {
        let service = try await Self.service()
        let id = try await Self.ids(service, "a")[0]
        let readable = try await service.expect(0, "capture", "show", "a#\(id)")
        #expect(readable.output.contains("route      POST /one\n"))
        let raw = try await service.expect(0, "capture", "show", "a#\(id.prefix(8))", "--raw")
        #expect(
            raw.output
                == "POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        )
        let json = try await service.expect(0, "capture", "show", "a#\(id)", "--json")
        let reader = JSONReader(
            try JSONParser.parse(Array(json.output.utf8), file: "json"), document: "json")
        #expect(try reader["id"].string() == id)
        #expect(try reader["request"].string().hasSuffix("\r\n\r\none"))
        let curl = try await service.expect(0, "capture", "show", "a#\(id)", "--curl")
        #expect(curl.output.contains("'http://a/one'"), "\(curl.output)")
        let other = try await service.expect(
            0, "capture", "show", "a#\(id)", "--curl", "--origin", "http://127.0.0.1:9")
        #expect(other.output.contains("'http://127.0.0.1:9/one'"), "\(other.output)")
        try await service.expect(2, "capture", "show", "a", "--curl")
        try await service.expect(2, "capture", "show", "a#\(id)", "--curl", "--raw")
    }

    @Test("files in tar and zip archives are imported, and one that is cut short is salvaged")
    func archives() async throws {
        let service = try await Self.service()
        let made = try await Program.run(
            .name("python3"),
            [
                "-c",
                """
                import tarfile, zipfile
                with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as archive: archive.write("a.gor", "x/a.gor")
                with tarfile.open("a.tar.gz", "w:gz") as archive: archive.add("a.gor", "x/a.gor")
                with tarfile.open("two.tar", "w", format=tarfile.USTAR_FORMAT) as archive:
                    for name in "12": archive.add("a.gor", name)
                data = open("two.tar", "rb").read()
                open("cut.tar", "wb").write(data[:2500])
                """,
            ], in: service.path)
        try #require(made.status == 0, "\(made.errors)")
        let plain = try await service.expect(0, "capture", "show", "a")
        for archive in ["a.zip", "a.tar.gz"] {
            try await service.expect(0, "capture", "import", archive, "--name", "packed")
            let packed = try await service.expect(0, "capture", "show", "packed")
            #expect(packed.output == plain.output, "\(archive)")
        }
        let cut = try await service.expect(4, "capture", "import", "cut.tar", "--name", "cut")
        #expect(cut.errors.contains("cut.tar"), "\(cut.errors)")
        let kept = try await service.expect(
            0, "capture", "import", "cut.tar", "--name", "cut", "--salvage")
        #expect(kept.output.contains("seen 4 = whole 3 + truncated 1"), "\(kept.output)")
    }
}
