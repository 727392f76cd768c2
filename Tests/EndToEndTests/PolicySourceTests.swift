import AssaySystem
import Subprocess
import SystemPackage
import Testing

@Suite("which policy is in force, on the built program")
struct PolicySourceTests {
    @Test("a candidate cannot bring its own limits: the remote's protected branch has them")
    func remotePolicy() async throws {
        let service = try await ServiceRepository.make()
        try await service.promoteToProd()
        let remote = service.outside.appending("remote.git")
        try await Program.git("init", "-q", "--bare", remote.string, in: service.path)
        try await Program.git("remote", "add", "upstream", remote.string, in: service.path)
        try await Program.git("push", "-q", "upstream", "main", in: service.path)

        let loose = ServiceRepository.policy.replacing("max: 0 requests", with: "max: 90%")
        try service.write("gate.yaml", loose)
        try service.write("config/model.json", #"{"threshold": 12}"#)
        try await service.commit("another threshold, and a limit that lets it by")
        let blocked = try await service.expect(1, "gate", "--to", "dev", "--confirm", "2")
        #expect(blocked.errors.contains("refs/remotes/upstream/main"))
        #expect(blocked.output.contains("blocked for dev: same"))
        #expect(blocked.errors.contains("is not in force, and would be after a merge"))
        #expect(
            blocked.errors.contains("\n-  - {id: same, kind: response, on: core, limit: {max: 0 "))
        #expect(
            blocked.errors.contains(
                "\n+  - {id: same, kind: response, on: core, limit: {max: 90%}}"))
        // The tree of the commit does not count, nor does the local branch.
        let shown = try await service.expect(
            0, "gate", "--to", "dev", "--confirm", "2", "--policy-from", "HEAD")
        #expect(shown.errors.contains("gate.yaml at HEAD ("))
        #expect(!shown.errors.contains("is not in force"))
        // A full id, as the hook gives it, is not said twice.
        let id = try await Program.git("rev-parse", "HEAD", in: service.path).output.prefix(40)
        let named = try await service.expect(
            0, "gate", "--to", "dev", "--confirm", "2", "--policy-from", String(id))
        #expect(named.errors.contains("gate.yaml at \(id.prefix(12))\n"))
    }

    @Test("a remote of which nothing is known is asked for first; a first policy is HEAD's own")
    func firstPolicy() async throws {
        let service = try await ServiceRepository.make()
        try await Program.git("branch", "-m", "topic", in: service.path)
        let own = try await service.expect(0, "gate", "--to", "dev", "--confirm", "2")
        #expect(
            own.errors.contains("no protected branch has gate.yaml yet; HEAD's own is in force"))
        try await Program.git(
            "remote", "add", "origin", service.outside.string, in: service.path)
        let refused = try await service.expect(2, "gate", "--to", "dev", "--confirm", "2")
        #expect(refused.errors.contains("no protected branch of origin is known here"))
        #expect(refused.errors.contains("git fetch origin"))
    }

    @Test("a service under a new name is no first run")
    func renamed() async throws {
        let service = try await ServiceRepository.make()
        try await service.promoteToProd()
        try await Program.git("checkout", "-q", "-b", "topic", in: service.path)
        try service.write(
            "assay.yaml",
            ServiceRepository.definition.replacing("name: scoring", with: "name: scoring-two"))
        try service.write("config/model.json", #"{"threshold": 12}"#)
        try await service.commit("another name")
        for command in [["gate", "--confirm", "2", "--to"], ["promote", "--to"]] {
            let refused = try await Program.run(
                .path(Program.assay), command + ["dev"], in: service.path)
            #expect(refused.status == 2, "\(refused.output)\(refused.errors)")
            #expect(refused.errors.contains("is of service `scoring-two`"))
        }
        let verified = try await service.expect(2, "verify", "--stage", "dev")
        #expect(verified.errors.contains("is of service `scoring-two`"))
    }

    @Test("a candidate cannot hide its change behind redaction rules of its own")
    func hidden() async throws {
        let service = try await ServiceRepository.make()
        try await service.promoteToProd()
        try await Program.git("checkout", "-q", "-b", "topic", in: service.path)
        try service.write("config/model.json", #"{"threshold": 12}"#)
        try service.write(
            "assay.yaml",
            ServiceRepository.definition + "  redact:\n    - {pointer: /*, as: mask}\n")
        try await service.commit("another threshold, and nobody may see it")
        for more in [[], ["--policy", "gate.yaml"]] {
            let outcome = try await Program.run(
                .path(Program.assay), ["gate", "--to", "dev", "--confirm", "2"] + more,
                in: service.path)
            #expect(outcome.status == 1, "\(more): \(outcome.output)\(outcome.errors)")
            #expect(!outcome.errors.contains("taken from the work tree"), "\(outcome.errors)")
        }
        // Where nobody knows whose rules hold, it is said whose were taken.
        try await Program.git("branch", "-m", "main", "elsewhere", in: service.path)
        let unknown = try await service.assay(
            "gate", "--to", "dev", "--confirm", "2", "--policy", "gate.yaml")
        #expect(
            unknown.errors.contains("routes and redaction are taken from the work tree's"),
            "\(unknown.errors)")
    }

    @Test("a gate without confirmation is refused")
    func unconfirmed() async throws {
        let service = try await ServiceRepository.make()
        let refused = try await service.expect(2, "gate", "--to", "dev", "--confirm", "0")
        #expect(refused.errors.contains("needs confirmation"))
        let other = try await service.expect(2, "gate", "--to", "dev", "--seed", "2")
        #expect(other.errors.contains("draws its sample by the policy"))
        for attempt in 1...2 {
            let gated = try await service.expect(
                0, "gate", "--to", "dev", "--confirm", "2", "--isolation", "process")
            #expect(gated.errors.contains("attempt 2") == (attempt == 2))
        }
    }
}
