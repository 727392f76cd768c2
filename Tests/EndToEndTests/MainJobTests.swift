import AssayCore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

@Suite("The main job")
struct MainJobTests {
    @Test("a first release is promoted, a refactoring passes, a changed formula is blocked by name")
    func gate() async throws {
        let service = try await ServiceRepository.make()
        try await service.promoteToProd()
        try await service.expect(0, "verify", "--stage", "dev")

        let source = String(
            decoding: try FileSystem.read(service.path.appending("service/app.py")), as: UTF8.self)
        try service.write("service/app.py", source + "\n# A comment more.\n")
        try await service.commit("comment")
        try await service.expect(1, "verify", "--stage", "dev")
        try await service.expect(1, "promote", "--to", "dev")
        try await service.expect(
            0, "gate", "--to", "dev", "--isolation", "process", "--confirm", "2")
        try await service.expect(0, "promote", "--to", "dev")

        let wrong = source.replacing("* request[\"amount\"]", with: "* (request[\"amount\"] + 1)")
        try service.write("service/app.py", wrong)
        try await service.commit("slip")
        let blocked = try await service.expect(
            1, "gate", "--to", "dev", "--isolation", "process", "--confirm", "2")
        #expect(blocked.output.contains("/score"))
        #expect(blocked.output.contains("60 of 60"))
        #expect(blocked.output.contains("service/app.py"))
        #expect(blocked.output.contains("blocked for dev"))
        try await service.expect(1, "promote", "--to", "dev")
        try await service.expect(1, "bundle", "diff", "stage/dev", "HEAD")

        let log = try await service.expect(0, "log", "--json")
        #expect(log.output.split(separator: "\n").count == 2)
    }

    @Test("the same evidence judged twice gives the same bytes, and JSON everywhere is JSON")
    func determinism() async throws {
        let service = try await ServiceRepository.make()
        let first = try await service.assay(
            "gate", "--to", "prod", "--isolation", "process", "--json")
        let verdict = JSONReader(
            try JSONParser.parse(Array(first.output.utf8), file: "verdict"), document: "verdict")
        let judgement = verdict["predicate"]["judgement"]
        let evidence = try judgement["evidence"].elements()[0]["digest"].digest()
        var judged: [String] = []
        for _ in 0..<2 {
            judged.append(
                try await service.expect(
                    0, "judge", evidence.hex, "--policy", "gate.yaml", "--to", "prod", "--json"
                ).output)
        }
        #expect(judged[0] == judged[1])
        #expect(!judged[0].isEmpty)
        for arguments in [
            ["bundle", "show"], ["bundle", "list"], ["capture", "show", "core"], ["status"],
        ] {
            let outcome = try await Program.run(
                .path(Program.assay), arguments + ["--json"], in: service.path)
            #expect(outcome.status == 0)
            _ = try JSONParser.parse(Array(outcome.output.utf8), file: "\(arguments)")
        }
    }

    @Test("rollback gives prod back the bundle before, and the log keeps both")
    func rollback() async throws {
        let service = try await ServiceRepository.make()
        try await service.promoteToProd()
        try service.write("config/model.json", #"{"threshold": 10.0}"#)
        try await service.commit("another threshold, equal in value")
        for stage in ["dev", "prod"] {
            try await service.expect(
                0, "gate", "--to", stage, "--isolation", "process", "--confirm", "2")
            try await service.expect(0, "promote", "--to", stage)
        }
        let back = try await service.expect(0, "rollback", "prod", "--reason", "a test")
        #expect(back.output.contains("rolled back"))
        try await service.expect(1, "rollback", "prod")
        let log = try await service.expect(0, "log")
        #expect(log.output.contains("a test"))
    }

    @Test("a push to a protected branch leaves only when the gate passes")
    func hook() async throws {
        let service = try await ServiceRepository.make()
        try await service.promoteToProd()
        let path = service.path
        let remote = try await service.addRemote()
        let ours = FilePath(#filePath).removingLastComponent().removingLastComponent()
            .removingLastComponent().appending("hooks/pre-push")
        let installed = try FileSystem.read(path.appending(".git/hooks/pre-push"))
        #expect(installed == (try FileSystem.read(ours)))
        try await Program.git("push", "-q", "origin", "main", in: path)
        let before = try await Program.git("rev-parse", "main", in: remote)

        try service.write("config/model.json", #"{"threshold": 12}"#)
        try await service.commit("another threshold")
        let pushed = try await Program.run(
            .name("git"), ["push", "origin", "main"], in: path)
        #expect(pushed.status == 1)
        #expect(pushed.errors.contains("did not pass the gate to dev"))
        #expect(try await Program.git("rev-parse", "main", in: remote).output == before.output)

        // Refs that are not protected are nobody's business.
        try await Program.git("push", "-q", "origin", "main:refs/heads/wip", in: path)
    }

    @Test("a bundle has the same id under another path, umask, time zone and locale")
    func reproducible() async throws {
        let service = try await ServiceRepository.make()
        let id = try await service.expect(0, "bundle", "create").output
        let clone = service.outside.appending("elsewhere")
        try await Program.git("clone", "-q", service.path.string, clone.string, in: service.outside)
        try FileSystem.makeDirectory(clone.appending("weights"))
        try FileSystem.replace(
            clone.appending("weights/weights.json"),
            with: try FileSystem.read(service.path.appending("weights/weights.json")))
        let again = try await Program.run(
            .path("/bin/sh"), ["-c", "umask 077; exec \"$ASSAY\" bundle create"], in: clone,
            variables: ["TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8"])
        #expect(again.status == 0, "\(again.errors)")
        #expect(again.output == id)
    }

    @Test("skopeo copies a bundle out of the store and keeps its digest")
    func skopeo() async throws {
        guard
            try await Program.run(.path("/bin/sh"), ["-c", "command -v skopeo"], in: "/tmp").status
                == 0
        else { return }
        let service = try await ServiceRepository.make()
        let shown = try await service.expect(0, "bundle", "show", "--json")
        let bundle = JSONReader(
            try JSONParser.parse(Array(shown.output.utf8), file: "bundle"), document: "bundle")
        let name = "bundle/scoring/\(try bundle["id"].digest().hex)"
        let target = service.outside.appending("copy")
        let copied = try await Program.run(
            .name("skopeo"),
            [
                "copy", "--insecure-policy",
                "oci:\(service.path.appending(".assay/store")):\(name)", "dir:\(target)",
            ], in: service.outside)
        #expect(copied.status == 0, "\(copied.errors)")
        let manifest = try FileSystem.read(target.appending("manifest.json"))
        #expect(Digest(of: manifest) == (try bundle["manifest"].digest()))
    }
}
