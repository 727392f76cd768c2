import AssayCore
import AssayGit
import AssayPromotion
import Testing

@Suite("Verification")
struct VerificationTests {
    typealias Fixture = PromotionTests

    static let other = Digest(of: Array("other".utf8))
    static let dev = Verification.AgedStage(name: "dev", maximumAge: nil)
    static let prod = Verification.AgedStage(name: "prod", maximumAge: nil)

    static func isGood(
        _ repository: Repository, stage: Verification.AgedStage = dev,
        beyond: [Verification.AgedStage] = [prod], policy: Digest = Fixture.policy,
        baselineStage: String? = nil, now: Int64 = 300
    ) throws -> Bool {
        let standing = try Verification(verdicts: VerdictStore(repository: repository)).standing(
            service: "svc", bundle: Fixture.one, stage: stage, beyond: beyond, policy: policy,
            baselineStage: baselineStage, now: now, ledger: Ledger(repository: repository))
        if case .good = standing { return true }
        return false
    }

    /// A repository in which bundle one was promoted to prod on a verdict made at 100.
    static func withPromotion(_ body: (Repository) throws -> Void) async throws {
        try await Fixture.withRepository { path in
            let repository = try Repository.discover(from: path)
            try VerdictStore(repository: repository).add(
                Fixture.verdict(Fixture.one, stage: "prod"), by: Fixture.author(100))
            guard
                case .promoted(let entry) = try Ledger(repository: repository).promote(
                    Fixture.request(Fixture.one, "prod"), by: Fixture.author(200))
            else {
                Issue.record("not promoted")
                return
            }
            #expect(entry.policy == Fixture.policy)
            try body(repository)
        }
    }

    @Test("an older pass that was only here does not hide what others judged after it")
    func rejoinedPass() async throws {
        try await Fixture.withRepository { path in
            let repository = try Repository.discover(from: path)
            let verdicts = VerdictStore(repository: repository)
            func add(_ decision: String, at time: Int64) throws {
                try verdicts.add(
                    Fixture.verdict(Fixture.one, stage: "dev", decision: decision, time: time),
                    by: Fixture.author(time))
            }
            try add("pass", at: 50)
            let base = try #require(try repository.reference(VerdictStore.reference))
            // Bea's, on the remote; then Ada's, made before it, that was only here.
            try add("blocked", at: 150)
            let reference = RemoteReference(
                name: VerdictStore.reference, remote: "origin", repository: repository)
            try repository.updateReference(
                reference.trackingName,
                to: try #require(try repository.reference(reference.name)), expecting: nil,
                message: "test")
            try repository.updateReference(
                reference.name, to: base,
                expecting: try repository.reference(reference.name), message: "test")
            try add("pass", at: 100)
            #expect(try Self.isGood(repository))
            #expect(try reference.rejoin().moved.count == 1)
            let all = try verdicts.verdicts(service: "svc", bundle: Fixture.one, stage: "dev")
            #expect(all.map(\.verdict.time) == [100, 150, 50])
            #expect(try !Self.isGood(repository))
            // Another gate after it decides; a clock that is far ahead does not.
            try add("blocked", at: 90_000)
            try add("pass", at: 200)
            #expect(try Self.isGood(repository))
        }
    }

    @Test("a promotion beyond a stage stands for a pass of the stage, by its own policy only")
    func promotion() async throws {
        try await Self.withPromotion { repository in
            #expect(try Self.isGood(repository))
            #expect(try !Self.isGood(repository, policy: Self.other))
            // Of stages that do not follow this one nothing is said.
            #expect(try !Self.isGood(repository, beyond: []))
            // Another bundle in the stage ends it.
            try VerdictStore(repository: repository).add(
                Fixture.verdict(Fixture.two, stage: "prod"), by: Fixture.author(210))
            _ = try Ledger(repository: repository).promote(
                Fixture.request(Fixture.two, "prod"), by: Fixture.author(220))
            #expect(try !Self.isGood(repository))
        }
    }

    @Test("a verdict beside a baseline that was replaced since is no pass, for verify and promote")
    func movedBaseline() async throws {
        try await Fixture.withRepository { path in
            let repository = try Repository.discover(from: path)
            let verdicts = VerdictStore(repository: repository)
            let ledger = Ledger(repository: repository)
            func gate(_ bundle: Digest, _ stage: String, against baseline: Digest?) throws {
                guard case .object(var members) = Fixture.judgement(bundle, stage: stage) else {
                    return
                }
                members["baseline"] = baseline.map { JSONValue($0) }
                try verdicts.add(
                    Verdict(
                        judgement: .object(members), service: "svc", bundle: bundle,
                        manifest: Digest(of: [9]), time: 100), by: Fixture.author(100))
            }
            func promote(_ bundle: Digest, _ stage: String) throws -> PromotionOutcome {
                try ledger.promote(
                    PromotionRequest(
                        service: "svc", bundle: bundle, manifest: Digest(of: [9]), stage: stage,
                        from: "any", baselineStage: "prod", policy: Fixture.policy,
                        policyCommit: nil, maximumAge: nil, commit: nil, reason: nil),
                    by: Fixture.author(200))
            }
            func isGood() throws -> Bool {
                try Self.isGood(repository, baselineStage: "prod")
            }
            try gate(Fixture.three, "prod", against: nil)
            _ = try promote(Fixture.three, "prod")
            try gate(Fixture.one, "dev", against: Fixture.three)
            #expect(try isGood())
            _ = try promote(Fixture.one, "dev")
            // Another takes the baseline's place: neither the verdict nor its promotion counts.
            try gate(Fixture.two, "prod", against: Fixture.three)
            _ = try promote(Fixture.two, "prod")
            #expect(try !isGood())
            guard case .refused(let reasons) = try promote(Fixture.three, "dev") else { return }
            #expect(reasons[0].contains("has no verdict for dev"))
            try gate(Fixture.three, "dev", against: nil)
            guard case .refused(let moved) = try promote(Fixture.three, "dev") else {
                Issue.record("promoted beside a replaced baseline")
                return
            }
            #expect(
                moved[0].contains("with no baseline, and prod has \(Fixture.two.short) now"))
            // Gated beside the present one it passes, and what prod has itself needs no other.
            try gate(Fixture.one, "prod", against: Fixture.two)
            _ = try promote(Fixture.one, "prod")
            #expect(try isGood())
        }
    }

    @Test("a promotion counts only while its verdict is young enough for both stages")
    func age() async throws {
        try await Self.withPromotion { repository in
            func isGood(dev: Int64?, prod: Int64?) throws -> Bool {
                try Self.isGood(
                    repository, stage: .init(name: "dev", maximumAge: dev),
                    beyond: [.init(name: "prod", maximumAge: prod)])
            }
            let young = try isGood(dev: 200, prod: 200)
            let tooOldForDev = try !isGood(dev: 199, prod: nil)
            let tooOldForProd = try !isGood(dev: nil, prod: 199)
            let tooOldForOne = try !isGood(dev: 300, prod: 199) && !isGood(dev: 199, prod: 300)
            #expect(young && tooOldForDev && tooOldForProd && tooOldForOne)
        }
    }

    @Test("a later verdict that does not pass takes the promotion's worth away")
    func laterBlock() async throws {
        for decision in ["blocked", "hold"] {
            for stage in ["prod", "dev"] {
                try await Self.withPromotion { repository in
                    let verdicts = VerdictStore(repository: repository)
                    // One by another policy changes nothing.
                    try verdicts.add(
                        Fixture.verdict(
                            Fixture.one, stage: stage, decision: decision, policy: Self.other),
                        by: Fixture.author(210))
                    #expect(try Self.isGood(repository))
                    try verdicts.add(
                        Fixture.verdict(Fixture.one, stage: stage, decision: decision),
                        by: Fixture.author(220))
                    #expect(try !Self.isGood(repository))
                }
            }
        }
    }

    @Test(
        "an entry without a policy, or whose verdict is absent or another, never counts",
        arguments: ["policy", "verdict", "verdictDigest"])
    func forged(member: String) async throws {
        try await Self.withPromotion { repository in
            let ledger = Ledger(repository: repository)
            let entry = try #require(try ledger.current(service: "svc", stage: "prod"))
            guard case .object(var members) = entry.document else {
                Issue.record("not an object")
                return
            }
            switch member {
            case "policy": members[member] = nil
            case "verdict":
                members[member] = JSONValue("svc/\(Fixture.one.hex)/prod/1-0.json")
            default: members[member] = JSONValue(Fixture.three)
            }
            let head = try repository.reference(Ledger.reference)
            let commit = try repository.writeCommit(
                files: ["svc/stages/prod.json": CanonicalJSON.encode(.object(members))],
                onto: head, message: "m", author: Fixture.author(250))
            try repository.updateReference(
                Ledger.reference, to: commit, expecting: head, message: "m")
            // Old entries are still read, in `status` and in `log`.
            #expect(try ledger.log(service: "svc").count == 2)
            #expect(try !Self.isGood(repository))
        }
    }

    @Test("the commits of the reference say which verdict is the last, not the verdicts' own times")
    func order() async throws {
        try await Fixture.withRepository { path in
            let repository = try Repository.discover(from: path)
            let verdicts = VerdictStore(repository: repository)
            // A pass dated ahead, within the tolerance, and a block that came after it.
            try verdicts.add(
                Fixture.verdict(Fixture.one, stage: "dev", time: 290), by: Fixture.author(100))
            #expect(try Self.isGood(repository, beyond: [], now: 200))
            try verdicts.add(
                Fixture.verdict(Fixture.one, stage: "dev", decision: "blocked", time: 150),
                by: Fixture.author(150))
            #expect(try !Self.isGood(repository, beyond: [], now: 200))
            // Of several in one second, too.
            for decision in ["pass", "blocked", "pass", "hold", "pass"] {
                let changed = Fixture.judgement(Fixture.one, stage: "dev", decision: decision)
                guard case .object(var members) = changed else { return }
                members["note"] = JSONValue(
                    "\(try verdicts.verdicts(service: "svc", bundle: Fixture.one, stage: "dev").count)"
                )
                try verdicts.add(
                    Verdict(
                        judgement: .object(members), service: "svc", bundle: Fixture.one,
                        manifest: Fixture.three, time: 160), by: Fixture.author(160))
                #expect(
                    try Self.isGood(repository, beyond: [], now: 200) == (decision == "pass"))
            }
        }
    }

    @Test("a verdict from the future opens nothing, and the sentence says so")
    func future() async throws {
        try await Fixture.withRepository { path in
            let repository = try Repository.discover(from: path)
            try VerdictStore(repository: repository).add(
                Fixture.verdict(Fixture.one, stage: "dev", time: 1000), by: Fixture.author(100))
            #expect(try Self.isGood(repository, now: 700))
            #expect(try !Self.isGood(repository, now: 699))
            let outcome = try Ledger(repository: repository).promote(
                Fixture.request(Fixture.one, "dev"), by: Fixture.author(400))
            guard case .refused(let reasons) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(reasons[0].contains("10 minutes from now"))
        }
    }

    @Test("a promotion is refused on a verdict older than its stage allows")
    func promotionAge() async throws {
        try await Fixture.withRepository { path in
            let repository = try Repository.discover(from: path)
            try VerdictStore(repository: repository).add(
                Fixture.verdict(Fixture.one, stage: "dev"), by: Fixture.author(100))
            func isPromoted(_ age: Int64) throws -> Bool {
                let outcome = try Ledger(repository: repository).promote(
                    Fixture.request(Fixture.one, "dev", maximumAge: age), by: Fixture.author(200))
                if case .promoted = outcome { return true }
                return false
            }
            #expect(try !isPromoted(99))
            #expect(try isPromoted(100))
        }
    }

    @Test("what a stage has is promoted anew once its entry does not stand for a pass any more")
    func renewal() async throws {
        try await Self.withPromotion { repository in
            let ledger = Ledger(repository: repository)
            let verdicts = VerdictStore(repository: repository)
            func promote(_ request: PromotionRequest, at time: Int64) throws -> PromotionOutcome {
                try ledger.promote(request, by: Fixture.author(time))
            }
            // Another verdict alone changes nothing; prod takes only what was in dev, but it has it.
            try verdicts.add(
                Fixture.verdict(Fixture.one, stage: "prod", time: 300), by: Fixture.author(300))
            let request = Fixture.request(Fixture.one, "prod", from: "dev", maximumAge: 250)
            guard case .already = try promote(request, at: 350) else {
                Issue.record("promoted for no reason")
                return
            }
            guard case .promoted(let aged) = try promote(request, at: 400) else {
                Issue.record("not renewed with age")
                return
            }
            #expect(aged.sequence == 2)
            #expect(aged.previous == Fixture.one)
            try verdicts.add(
                Fixture.verdict(Fixture.one, stage: "prod", policy: Self.other, time: 410),
                by: Fixture.author(410))
            let other = PromotionRequest(
                service: "svc", bundle: Fixture.one, manifest: Digest(of: [9]), stage: "prod",
                from: "dev", policy: Self.other, policyCommit: "abc", maximumAge: nil, commit: nil,
                reason: nil)
            guard case .promoted(let entry) = try promote(other, at: 420) else {
                Issue.record("not renewed by another policy")
                return
            }
            #expect(entry.policy == Self.other)
            #expect(try ledger.log(service: "svc").first?.policyCommit == "abc")
            #expect(try Self.isGood(repository, policy: Self.other, now: 430))
        }
    }
}
