import AssayCore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

@Suite("Ledger and verdicts")
struct SharingTests {
    @Test("no option of promote or gate makes a promotion easier than the policy in force")
    func strictness() async throws {
        let service = try await ServiceRepository.make()
        try service.write(
            "lax.yaml",
            ServiceRepository.policy.replacing("max: 0 requests", with: "max: 60 requests"))
        for option in [["--policy", "lax.yaml"], ["--policy-from", "HEAD"]] {
            let outcome = try await Program.run(
                .path(Program.assay), ["promote", "--to", "dev"] + option, in: service.path)
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("Unknown option"))
        }
        try FileSystem.remove(service.path.appending("lax.yaml"))
        let unconfirmed = try await service.expect(
            2, "gate", "--to", "dev", "--isolation", "process", "--confirm", "0")
        #expect(unconfirmed.errors.contains("--confirm is 0"))
        #expect(unconfirmed.errors.contains("hint:"))

        // A bundle that another policy let into a stage has not passed the one in force.
        try await service.promoteToProd()
        let head = try await Program.git("rev-parse", "HEAD", in: service.path).output
        let log = try await service.expect(0, "log")
        #expect(log.output.contains("read at commit \(head.prefix(12))"))
        try service.write("gate.yaml", ServiceRepository.policy + "# Another policy.\n")
        try await service.commit("policy")
        let verified = try await service.expect(1, "verify", "--stage", "dev")
        #expect(verified.output.contains("has no verdict for dev"), "\(verified.output)")
        try await service.expect(0, "verify", "--stage", "dev", "--policy-from", "HEAD~1")
    }

    @Test("a colleague's promotions are seen after a fetch, and a fork of the records is told")
    func colleague() async throws {
        let service = try await ServiceRepository.make()
        try await service.promoteToProd()
        let path = service.path
        let remote = try await service.addRemote()
        try await Program.git("push", "-q", "origin", "main", in: path)
        let records = ["refs/assay/ledger", "refs/assay/verdicts"]
        try await Program.git("push", "-q", "origin", records[0], records[1], in: path)

        let clone = service.outside.appending("clone")
        try await Program.git("clone", "-q", remote.string, clone.string, in: service.outside)
        try await Program.git("config", "user.name", "Bea", in: clone)
        try await Program.git("config", "user.email", "bea@example.com", in: clone)
        try FileSystem.makeDirectory(clone.appending("weights"))
        try FileSystem.replace(
            clone.appending("weights/weights.json"),
            with: try FileSystem.read(path.appending("weights/weights.json")))
        func assay(_ arguments: String...) async throws -> Program.Outcome {
            try await Program.run(.path(Program.assay), arguments, in: clone)
        }
        #expect(try await assay("init").status == 0)
        #expect(try await assay("status").output.contains("nothing of scoring is promoted yet"))
        try await Program.git("fetch", "-q", in: clone)
        let seen = try await assay("status")
        #expect(seen.output.contains("prod"))
        #expect(seen.output.contains("Ada <ada@example.com>"))
        #expect(seen.errors.isEmpty)
        #expect(try await assay("verify", "--stage", "dev").status == 0)

        // Both go on from there.
        #expect(
            try await assay(
                "capture", "import", service.outside.appending("core.gor").string, "--name", "core"
            ).status == 0)
        let gate = ["gate", "--to", "dev", "--isolation", "process", "--confirm", "2"]
        for place in [path, clone] {
            let gated = try await Program.run(.path(Program.assay), gate, in: place)
            #expect(gated.status == 0, "\(gated.errors)")
            let promoted = try await Program.run(
                .path(Program.assay), ["promote", "--to", "dev"], in: place)
            #expect(promoted.status == 0, "\(promoted.output)")
        }
        try await Program.git("push", "-q", "origin", records[0], records[1], in: path)
        try await Program.git("fetch", "-q", in: clone)
        let forked = try await assay("status")
        #expect(forked.output.contains("Bea <bea@example.com>"))
        for record in records {
            let tracking = record.replacing("refs/assay/", with: "refs/assay/remotes/origin/")
            #expect(forked.errors.contains("\(record) here and the one fetched from origin"))
            #expect(forked.errors.contains("Next: `assay pull --only git`"))
            if record.hasSuffix("ledger") {
                // Both promoted to dev: people have to say whose promotion stands.
                let refused = try await assay("pull", "--only", "git")
                #expect(refused.status == 4)
                #expect(refused.errors.contains("changed here by Bea"))
                #expect(refused.errors.contains("on origin by Ada"))
                #expect(refused.errors.contains("git update-ref \(record) \(tracking)"))
            }
            try await Program.git("update-ref", record, tracking, in: clone)
        }
        let joined = try await assay("status")
        #expect(joined.errors.isEmpty)
        #expect(!joined.output.contains("Bea"))
    }
}
