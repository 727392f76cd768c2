import AssayCore
import AssayGit
import AssayPromotion
import AssaySystem
import Subprocess
import SystemPackage
import Testing

@Suite("Promotion")
struct PromotionTests {
    static let one = Digest(of: [1]), two = Digest(of: [2]), three = Digest(of: [3])
    static let policy = Digest(of: Array("policy".utf8))

    static func author(_ time: Int64) -> Signature {
        Signature(name: "Ada", email: "ada@example.com", time: time)
    }

    static func judgement(
        _ bundle: Digest, stage: String, decision: String = "pass", policy: Digest = policy
    ) -> JSONValue {
        [
            "candidate": JSONValue(bundle), "service": "svc", "stage": JSONValue(stage),
            "decision": JSONValue(decision), "headline": JSONValue("\(decision) for \(stage)"),
            "policy": ["digest": JSONValue(policy), "source": "gate.yaml"],
        ]
    }

    static func verdict(
        _ bundle: Digest, stage: String, decision: String = "pass", policy: Digest = policy,
        time: Int64 = 100
    ) throws -> Verdict {
        try Verdict(
            judgement: judgement(bundle, stage: stage, decision: decision, policy: policy),
            service: "svc", bundle: bundle, manifest: Digest(of: [9]), time: time)
    }

    static func withRepository(_ body: (FilePath) async throws -> Void) async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-ledger-test-")
        let path = directory.path
        let made = try await Subprocess.run(
            .name("git"), arguments: ["init", "-q", path.string], output: .discarded,
            error: .discarded)
        try #require(made.terminationStatus.isSuccess)
        try await body(path)
    }

    static func request(
        _ bundle: Digest, _ stage: String, from: String? = "any", maximumAge: Int64? = nil
    ) -> PromotionRequest {
        PromotionRequest(
            service: "svc", bundle: bundle, manifest: Digest(of: [9]), stage: stage, from: from,
            policy: policy, policyCommit: nil, maximumAge: maximumAge, commit: nil, reason: nil)
    }

    @Test("a verdict read back is the same, and every truncation of it is refused")
    func verdictRoundTrip() throws {
        let verdict = try Self.verdict(Self.one, stage: "dev")
        #expect(try Verdict(parsing: verdict.bytes, name: "v") == verdict)
        #expect(String(decoding: verdict.bytes, as: UTF8.self).contains("\"signature\":\"none\""))
        for length in 0..<verdict.bytes.count {
            #expect(throws: AssayError.self) {
                try Verdict(parsing: Array(verdict.bytes[..<length]), name: "v")
            }
        }
        #expect(throws: AssayError.self) {
            try Verdict(
                judgement: Self.judgement(Self.two, stage: "dev"), service: "svc", bundle: Self.one,
                manifest: Self.one, time: 0)
        }
    }

    @Test("only a passing verdict for that bundle, stage and policy opens a stage")
    func gatekeeping() async throws {
        try await Self.withRepository { path in
            let repository = try Repository.discover(from: path)
            let verdicts = VerdictStore(repository: repository)
            let ledger = Ledger(repository: repository)
            func outcome(_ stage: String) throws -> PromotionOutcome {
                try ledger.promote(Self.request(Self.one, stage), by: Self.author(200))
            }
            func isRefused(_ stage: String, because text: String) throws -> Bool {
                guard case .refused(let reasons) = try outcome(stage) else { return false }
                return reasons.contains { $0.contains(text) }
            }
            #expect(try isRefused("dev", because: "has no verdict for dev"))
            try verdicts.add(Self.verdict(Self.one, stage: "staging"), by: Self.author(100))
            #expect(try isRefused("prod", because: "has no verdict for prod"))
            try verdicts.add(
                Self.verdict(Self.one, stage: "dev", decision: "blocked"), by: Self.author(100))
            #expect(try isRefused("dev", because: "blocked for dev"))
            let other = Digest(of: Array("other".utf8))
            try verdicts.add(
                Self.verdict(Self.one, stage: "qa", policy: other), by: Self.author(100))
            #expect(try isRefused("qa", because: "another policy"))
            // A later blocked verdict takes back an earlier pass.
            try verdicts.add(Self.verdict(Self.one, stage: "dev", time: 150), by: Self.author(150))
            try verdicts.add(
                Self.verdict(Self.one, stage: "dev", decision: "hold", time: 160),
                by: Self.author(160))
            #expect(try isRefused("dev", because: "hold for dev"))
            try verdicts.add(Self.verdict(Self.one, stage: "dev", time: 170), by: Self.author(170))
            guard case .promoted(let entry) = try outcome("dev") else {
                Issue.record("not promoted")
                return
            }
            #expect(entry.sequence == 1)
            #expect(try ledger.current(service: "svc", stage: "dev") == entry)
            #expect(try outcome("dev") == .already(entry))
        }
    }

    @Test("a bundle climbs the stages in order, and rollback gives back the one before")
    func stages() async throws {
        try await Self.withRepository { path in
            let repository = try Repository.discover(from: path)
            let verdicts = VerdictStore(repository: repository)
            let ledger = Ledger(repository: repository)
            for bundle in [Self.one, Self.two, Self.three] {
                for stage in ["dev", "prod"] {
                    try verdicts.add(Self.verdict(bundle, stage: stage), by: Self.author(100))
                }
            }
            func promote(_ bundle: Digest, _ stage: String, at time: Int64) throws
                -> PromotionOutcome
            {
                try ledger.promote(
                    Self.request(bundle, stage, from: stage == "prod" ? "dev" : "any"),
                    by: Self.author(time))
            }
            // The first bundle of a service may enter any stage.
            guard case .promoted = try promote(Self.one, "prod", at: 200) else {
                Issue.record("first run was refused")
                return
            }
            guard case .refused(let reasons) = try promote(Self.two, "prod", at: 201) else {
                Issue.record("a stage was skipped")
                return
            }
            #expect(reasons[0].contains("was never in dev"))
            for (bundle, time) in [(Self.two, Int64(210)), (Self.three, 220)] {
                _ = try promote(bundle, "dev", at: time)
                _ = try promote(bundle, "prod", at: time + 1)
            }
            #expect(try ledger.current(service: "svc", stage: "prod")?.bundle == Self.three)
            #expect(try ledger.bundle(service: "svc", stage: "prod", at: 215) == Self.two)
            let none = try ledger.bundle(service: "svc", stage: "prod", at: 10)
            #expect(none == nil)
            func rollBack(to bundle: Digest? = nil) throws -> Digest? {
                let outcome = try ledger.rollback(
                    service: "svc", stage: "prod", to: bundle, reason: "bad", by: Self.author(300))
                guard case .promoted(let entry) = outcome else { return nil }
                return entry.bundle
            }
            #expect(try rollBack() == Self.two)
            #expect(try rollBack() == Self.one)
            let nothing = try rollBack()
            #expect(nothing == nil)
            #expect(try rollBack(to: Self.three) == Self.three)
            let log = try ledger.log(service: "svc")
            #expect(log.count == 8)
            #expect(log[0].kind == .rollback)
            #expect(log[0].reason == "bad")
        }
    }

    @Test("of writers that race no promotion and no verdict is lost")
    func race() async throws {
        try await Self.withRepository { path in
            try await withThrowingTaskGroup { group in
                for writer in 0..<4 {
                    group.addTask {
                        let repository = try Repository.discover(from: path)
                        let stage = "stage\(writer)"
                        for step in 0..<5 {
                            let bundle = Digest(of: [UInt8(writer), UInt8(step)])
                            try VerdictStore(repository: repository).add(
                                Self.verdict(bundle, stage: stage), by: Self.author(100))
                            let outcome = try Ledger(repository: repository).promote(
                                Self.request(bundle, stage), by: Self.author(200))
                            guard case .promoted = outcome else {
                                Issue.record("\(outcome)")
                                return
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let ledger = Ledger(repository: try Repository.discover(from: path))
            #expect(try ledger.log(service: "svc").count == 20)
            #expect(try ledger.stages(of: "svc").map(\.sequence) == [5, 5, 5, 5])
        }
    }

    @Test("a damaged or lying document on the references is an error that names it, never a pass")
    func hostile() async throws {
        try await Self.withRepository { path in
            let repository = try Repository.discover(from: path)
            let lie = try Self.verdict(Self.two, stage: "dev")
            let place = "svc/\(Self.one.hex)/dev/1-x.json"
            for bytes in [lie.bytes, Array("{}".utf8), []] {
                let old = try repository.reference(VerdictStore.reference)
                let commit = try repository.writeCommit(
                    files: [place: bytes], onto: old, message: "m", author: Self.author(1))
                try repository.updateReference(
                    VerdictStore.reference, to: commit, expecting: old, message: "m")
                let error = #expect(throws: AssayError.self) {
                    try Ledger(repository: repository).promote(
                        Self.request(Self.one, "dev"), by: Self.author(2))
                }
                #expect(error?.description.contains(place) == true)
            }
        }
    }
}
