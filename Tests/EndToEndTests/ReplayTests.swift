import AssayCore
import AssayStore
import AssaySystem
import AssayTestKit
import Glibc
import Subprocess
import SystemPackage
import Testing

@Suite("assay replay")
struct ReplayTests {
    @Test(
        "a replay whose engine is killed goes on from what was kept, to what one run gives",
        arguments: ["interleaved", "sequential"])
    func killed(arms: String) async throws {
        let repository = try await ServiceRepository.make()
        let words = [
            "replay", "HEAD", "--capture", "core", "--isolation", "process", "--rate", "8",
            "--checkpoint", "0.2s", "--arms", arms,
        ]
        let isSequential = arms == "sequential"
        let run = try RunningProgram(Program.assay.string, words, in: repository.service)
        defer { run.stop() }
        let store = try Store.open(at: repository.path.appending(".assay/store"))
        let kept = try await blocking { () throws -> [(name: String, ref: Ref)] in
            let deadline = ContinuousClock.now + .seconds(300)
            while ContinuousClock.now < deadline {
                let kept = try store.refs(in: isSequential ? "answers" : "evidence/scoring").filter
                {
                    isSequential || $0.name.contains("/partial-")
                }
                if !kept.isEmpty { return kept }
                usleep(20_000)
            }
            return []
        }
        try #require(!kept.isEmpty, "nothing was kept: \(run.said)")
        let engines = try engines(of: repository.path)
        #expect(engines.count == 1)
        for engine in engines { kill(engine, SIGKILL) }
        #expect(run.line(containing: "no line says this") == nil)
        // What nobody went on from for long is let go of, and what is newer is not.
        let (old, new) = ("answers/scoring/old", "evidence/scoring/partial-new")
        for name in [old, new] { try store.setRef(name, to: kept[0].ref.digest) }
        let file = repository.path.appending(".assay/store/refs/\(old)")
        let past = timespec(tv_sec: time(nil) - 31 * 86_400, tv_nsec: 0)
        #expect(unsafe utimensat(AT_FDCWD, file.string, [past, past], 0) == 0)

        let outcome = try await Program.run(.path(Program.assay), words, in: repository.service)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.errors.contains(isSequential ? "going on with" : "going on after"))
        #expect(outcome.output.contains("60 = replayed 60"))
        #expect(outcome.output.contains("no differences"))
        #expect(try store.refs(in: "answers").isEmpty)
        #expect(try store.ref(new) != nil)
        // One whole run says the same, but for the time and the starts.
        let fresh = try await Program.run(
            .path(Program.assay), words + ["--fresh", "--json"], in: repository.service)
        let resumed = try await Program.run(
            .path(Program.assay), words + ["--json"], in: repository.service)
        func member(_ name: String, _ outcome: Program.Outcome) throws -> JSONValue? {
            JSONReader(
                try JSONParser.parse(Array(outcome.output.utf8), file: "evidence"),
                document: "evidence")[name].value
        }
        for name in ["outcomes", "ledger", "groups", "notes", "places"] {
            #expect(try member(name, fresh) == member(name, resumed), "\(name)")
        }
    }

    @Test("a service that changes the files it is served from is found out without the sandbox")
    func changedFiles() async throws {
        let repository = try await ServiceRepository.make()
        let original = try FileSystem.read(repository.service.appending("service/app.py"))
        let hostile = """
            import os
            os.chmod(__file__, 0o644)
            with open(__file__, "a") as file: file.write("# another one\\n")

            """
        try repository.write("service/app.py", Array(hostile.utf8) + original)
        try await repository.commit("change itself")
        let store = try Store.open(at: repository.path.appending(".assay/store"))
        func kept() throws -> [String] {
            try store.refs(in: "answers").map(\.name)
                + store.refs(in: "evidence").map(\.name).filter { $0.contains("/partial-") }
        }
        for arms in ["interleaved", "sequential"] {
            let outcome = try await repository.expect(
                4, "replay", "HEAD", "--capture", "core", "--isolation", "process", "--arms", arms,
                "--checkpoint", "0.1s")
            #expect(outcome.errors.contains("service/app.py was changed"), "\(outcome.errors)")
            #expect(try kept() == [])
        }
        let gated = try await repository.expect(
            4, "gate", "--to", "prod", "--isolation", "process")
        #expect(gated.errors.contains("were changed while it was served"), "\(gated.errors)")
        #expect(!gated.output.contains("passed"))

        // What it answered before it died is not gone on from either.
        try repository.write("service/die-after", "30")
        try await repository.commit("change itself and die")
        let died = try await repository.expect(
            4, "replay", "HEAD", "--capture", "core", "--isolation", "process", "--rate", "15",
            "--max-restarts", "0")
        #expect(died.errors.contains("what was replayed is kept"), "\(died.errors)")
        #expect(died.errors.contains("service/app.py was changed"), "\(died.errors)")
        #expect(try kept() == [])
    }

    @Test("a misspelt rule is told by replay, gate and show")
    func misspeltRule() async throws {
        let repository = try await ServiceRepository.make()
        let policy = ServiceRepository.policy.replacing("/score:", with: "/scroe:")
        try #require(policy != ServiceRepository.policy)
        try repository.write("gate.yaml", policy)
        try await repository.commit("misspell a rule")
        let sentence = "rule `/scroe` matched no answer of 60; did you mean `/score`?"
        let outcome = try await repository.assay("gate", "--to", "prod", "--isolation", "process")
        #expect(outcome.output.replacing("\n", with: " ").contains(sentence), "\(outcome.output)")
    }

    /// The ids of the engines that run plans of a repository.
    private func engines(of repository: FilePath) throws -> [pid_t] {
        try FileSystem.names(in: "/proc").compactMap { name in
            // A process may end while it is looked at.
            guard let id = pid_t(name),
                let bytes = try? FileSystem.read(FilePath("/proc/\(name)/cmdline"), limit: 1 << 20)
            else { return nil }
            let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return words.contains("engine") && words.contains { $0.hasPrefix(repository.string) }
                ? id : nil
        }
    }
}
