import AssayCapture
import AssayCore
import AssayEvidence
import AssayReplay
import Testing

@Suite("a replay of a redacted capture", .serialized)
struct ReplayRedactionTests {
    private let user = ["email=ada@example.com", "name=Ada", "phone=12345678"]

    /// Answers that hold who asked.
    static func recordings(_ count: Int = 20) -> [ReplayFixture.Recording] {
        (0..<count).map { number in
            let target = "/predict/\(number)"
            return ReplayFixture.Recording(
                target: target,
                answer: ReplayFixture.answer(
                    target,
                    more:
                        #", "user": {"email": "ada@example.com", "name": "Ada", "phone": "12345678"}"#
                ), session: "s\(number)")
        }
    }

    private func arms(_ candidate: [String], baseline: [String]? = nil) -> [ArmPlan] {
        [
            PythonService.arm(.baseline, options: baseline ?? candidate),
            PythonService.arm(.candidate, options: candidate),
        ]
    }

    /// All that the evidence holds of answers, and its head.
    private func text(_ evidence: Evidence, _ fixture: borrowing ReplayFixture) throws -> String {
        var bytes = evidence.encode()
        for blob in [evidence.outcomes, evidence.examples].compactMap(\.self) {
            for line in try fixture.lines(blob) { bytes += line + [0x0A] }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static let userRules = RedactionRules([
        .init(.pointer(["user", "email"]), .pseudonym), .init(.pointer(["user", "name"]), .mask),
        .init(.pointer(["user", "phone"]), .drop),
    ])

    @Test(
        "answers are compared as a recording would have kept them, and none of them is kept otherwise",
        arguments: [ReplayPlan.Arrangement.interleaved, .sequential], ["good", "zips"])
    func answers(arrangement: ReplayPlan.Arrangement, mode: String) async throws {
        let fixture = try ReplayFixture(Self.recordings(), redaction: Self.userRules)
        let baseline = user + ["mode=\(mode)"]
        let other = ["email=bob@example.com", "name=Bob", "phone=87654321", "mode=\(mode)"]
        let plan = fixture.plan(arms(other, baseline: baseline)) {
            $0.redaction = Self.userRules
            $0.arrangement = arrangement
        }
        let (evidence, rows) = try await fixture.run(plan)
        #expect(rows.allSatisfy { $0.differences[.identity] == [] })
        #expect(rows.allSatisfy { $0.differences[.effect]?.map(\.path) == ["/user/email"] })
        #expect(evidence.groups.contains { $0.comparison == .effect && $0.confirmed == 20 })
        #expect(evidence.redaction?.uncompared == ["/user/name", "/user/phone"])
        #expect(
            evidence.notes.contains(
                "places that redaction takes from answers are not compared: /user/name, /user/phone"
            ))
        let text = try text(evidence, fixture)
        for word in ["example.com", "Ada", "Bob", "12345678", "87654321"] {
            #expect(!text.contains(word))
        }
        #expect(text.contains("pseudonym-"))
    }

    @Test("pseudonyms of another key are told from a mismatch")
    func otherKey() async throws {
        let fixture = try ReplayFixture(Self.recordings(), redaction: Self.userRules)
        let plan = fixture.plan(arms(user)) { $0.redaction = Self.userRules }
        let evidence = try await ReplayEngine.run(
            plan, store: fixture.store, environment: [:],
            redactionKey: [UInt8](repeating: 8, count: 32)
        ) { _ in }
        #expect(
            evidence.notes.contains {
                $0.hasPrefix("pseudonyms in the answers to 20 exchanges are not those")
                    && $0.hasSuffix("set ASSAY_REDACTION_KEY to it")
            })
    }

    @Test("rules that came after the recording are applied to what was recorded too")
    func laterRules() async throws {
        let fixture = try ReplayFixture(
            Self.recordings(),
            redaction: RedactionRules([.init(.pointer(["user", "email"]), .pseudonym)])
        )
        let plan = fixture.plan(arms(user)) { $0.redaction = Self.userRules }
        let (_, rows) = try await fixture.run(plan)
        #expect(rows.allSatisfy { $0.differences[.identity] == [] })
        #expect(rows.allSatisfy { $0.differences[.effect] == [] })
    }

    @Test("an answer that cannot be redacted is dropped, as in a recording, and that is said")
    func unreadable() async throws {
        let fixture = try ReplayFixture(
            Self.recordings().map { recording in
                var recording = recording
                recording.answer.removeLast()
                return recording
            }, redaction: Self.userRules)
        let plan = fixture.plan(arms(["mode=cuts", "score=0.7"] + user)) {
            $0.redaction = Self.userRules
        }
        let (evidence, rows) = try await fixture.run(plan)
        #expect(rows.allSatisfy { $0.differences[.identity] == [] })
        #expect(evidence.redaction?.uncompared == ["body"])
        #expect(evidence.notes.contains { $0.contains("JSON could not be read: it was dropped") })
    }

    private func given(_ number: Int) -> ReplayFixture.Recording {
        let target = "/predict/\(number)"
        let name = "user-\(number)"
        let isNamed = number % 2 == 0
        let more =
            isNamed
            ? #", "given": "\#(name)", "split": "\#(name)", "isKnown": true"#
            : #", "given": "nothing", "split": "nothing", "isKnown": false"#
        return ReplayFixture.Recording(
            target: target, answer: ReplayFixture.answer(target, more: more),
            headers: isNamed ? "X-User: \(name)\r\n" : "")
    }

    @Test("exchanges whose answers depend on a redacted field are not held against recorded ones")
    func dependent() async throws {
        let rules = RedactionRules([.init(.header("x-user"), .drop, answerDepends: true)])
        let fixture = try ReplayFixture((0..<20).map(given), redaction: rules)
        let plan = fixture.plan(arms(["mode=echoes", "header=x-user"])) { $0.redaction = rules }
        let (evidence, rows) = try await fixture.run(plan)
        #expect(rows.count(where: \.isDependent) == 10)
        #expect(rows.allSatisfy { $0.identity == .sameBundle })
        #expect(rows.allSatisfy { $0.isDependent == ($0.redacted == ["header x-user"]) })
        #expect(evidence.groups.isEmpty)
        #expect(evidence.redaction?.dependent == ["header x-user": 10])
        #expect(
            evidence.notes.contains {
                $0.hasPrefix(
                    "10 exchanges are not held against their recorded answers, which depend on "
                        + "header x-user")
            })
    }

    @Test("shards of a redacted capture merge to what one replay of the whole says of it")
    func shards() async throws {
        let rules = RedactionRules([
            .init(.header("x-user"), .drop, answerDepends: true),
            .init(.pointer(["split"]), .mask),
        ])
        let fixture = try ReplayFixture((0..<20).map(given), redaction: rules)
        let whole = fixture.plan(arms(["mode=echoes", "header=x-user"])) { $0.redaction = rules }
        let one = try await fixture.run(whole).evidence
        var parts: [Evidence] = []
        for index in 1...3 {
            var part = whole
            part.shard = ReplayShard(index: index, count: 3)
            part.confirmation.processes = 0
            parts.append(try await fixture.run(part).evidence)
        }
        try Evidence.checkShards(parts)
        var merged = whole
        merged.parts = parts.map(\.digest)
        let joined = try await fixture.run(merged).evidence
        #expect(joined.redaction == one.redaction && joined.notes == one.notes)
        #expect(joined.outcomes == one.outcomes)
        #expect(joined.redaction?.dependent == ["header x-user": 10])
        #expect(joined.redaction?.uncompared == ["/split"])
        var other = parts
        other[1].redaction?.digest = Digest(of: [1])
        #expect(throws: AssayError.self) { try Evidence.checkShards(other) }
    }

    @Test("a redacted field that may be why production is not reproduced is named with its rule")
    func suspicion() async throws {
        let rules = RedactionRules([.init(.header("x-user"), .drop)])
        let fixture = try ReplayFixture((0..<20).map(given), redaction: rules)
        let plan = fixture.plan(arms(["mode=echoes", "header=x-user"])) { $0.redaction = rules }
        let (evidence, rows) = try await fixture.run(plan)
        #expect(rows.count { $0.differences[.identity]?.isEmpty == false } == 10)
        #expect(
            evidence.notes.contains {
                $0.hasPrefix(
                    "all 10 exchanges that are not answered as in production had header x-user")
                    && $0.contains("`- {header: x-user, as: drop, answer_depends: true}`")
            }, "\(evidence.notes)")
    }

    @Test(
        "a place that a rule with a star hides is named, whatever other rules are for what it covers"
    )
    func starred() async throws {
        let rules = RedactionRules([
            .init(.pointer(["user", "email"]), .keep), .init(.pointer(["user", "*"]), .mask),
        ])
        let fixture = try ReplayFixture(Self.recordings(), redaction: rules)
        let plan = fixture.plan(arms(user)) { $0.redaction = rules }
        #expect(try await fixture.run(plan).evidence.redaction?.uncompared == ["/user/*"])
    }

    @Test("a service that echoes the pseudonym it was sent answers as production did")
    func echoedName() async throws {
        let rules = RedactionRules([
            .init(.header("x-user"), .pseudonym), .init(.pointer(["given"]), .pseudonym),
            .init(.pointer(["split"]), .pseudonym),
        ])
        let recordings = (0..<10).map { given(2 * $0) }
        let fixture = try ReplayFixture(recordings, redaction: rules)
        let plan = fixture.plan(arms(["mode=echoes", "header=x-user"])) { $0.redaction = rules }
        let (_, rows) = try await fixture.run(plan)
        #expect(rows.count == 10 && rows.allSatisfy { $0.differences[.identity] == [] })
    }

    private let secret = RedactionRules([
        .init(.header("authorization"), .drop, secret: "SCORER_TOKEN")
    ])
    private let value = "Bearer abcdef0123456789"

    private func authorized(_ number: Int) -> ReplayFixture.Recording {
        let target = "/predict/\(number)"
        return ReplayFixture.Recording(
            target: target,
            answer: ReplayFixture.answer(
                target, more: #", "given": "redacted", "split": "redacted", "isKnown": true"#),
            headers: "Authorization: Bearer 9876543210fedcba\r\n")
    }

    @Test(
        "a secret takes the place of what was redacted, and is kept nowhere",
        arguments: [ReplayPlan.Arrangement.interleaved, .sequential])
    func putBack(arrangement: ReplayPlan.Arrangement) async throws {
        let fixture = try ReplayFixture((0..<20).map(authorized), redaction: secret)
        let options = ["mode=echoes", "header=authorization"]
        let plan = fixture.plan(arms(options + ["score=0.7"], baseline: options)) {
            $0.redaction = secret
            $0.arrangement = arrangement
        }
        let (evidence, rows) = try await fixture.run(
            plan, environment: ["SCORER_TOKEN": value])
        #expect(rows.allSatisfy { $0.differences[.identity] == [] })
        #expect(rows.allSatisfy { $0.differences[.effect]?.map(\.path) == ["/score"] })
        let text = try text(evidence, fixture)
        #expect(text.contains("X-Given") && !text.contains("abcdef0123456789"))
        #expect(!String(decoding: plan.encode(), as: UTF8.self).contains("abcdef0123456789"))
    }

    @Test("a field whose value is put back is not suspected")
    func notSuspected() async throws {
        let fixture = try ReplayFixture((0..<10).map(authorized), redaction: secret)
        let plan = fixture.plan(arms(["mode=echoes", "header=authorization", "score=0.7"])) {
            $0.redaction = secret
        }
        let (evidence, rows) = try await fixture.run(plan, environment: ["SCORER_TOKEN": value])
        #expect(rows.allSatisfy { $0.differences[.identity]?.map(\.path) == ["/score"] })
        #expect(!evidence.notes.contains { $0.contains("answer_depends") }, "\(evidence.notes)")
    }

    @Test("a service that is told a secret and dies does not tell it")
    func dies() async throws {
        let fixture = try ReplayFixture((0..<20).map(authorized), redaction: secret)
        let plan = fixture.plan(arms(["mode=echoes-and-dies", "header=authorization"])) {
            $0.redaction = secret
            $0.maximumRestarts = 0
        }
        let error = await #expect(throws: AssayError.self) {
            try await fixture.run(plan, environment: ["SCORER_TOKEN": value])
        }
        let text = "\(error?.message ?? "")\(error?.hint ?? "")"
        #expect(text.contains("was given redacted") && !text.contains("abcdef0123456789"))
    }

    @Test("a secret is in no service's environment")
    func environment() async throws {
        let fixture = try ReplayFixture((0..<4).map(authorized), redaction: secret)
        let plan = fixture.plan(arms(["mode=environment"])) {
            $0.redaction = secret
            $0.isolation = .none
        }
        let (evidence, _) = try await fixture.run(
            plan, environment: ["SCORER_TOKEN": value, "OTHER": "is seen"])
        let text = try text(evidence, fixture)
        #expect(text.contains("is seen") && !text.contains("SCORER_TOKEN"))
    }

    @Test(
        "a secret that cannot be put back ends the replay before anything is started",
        arguments: [nil, "", "short", "two lines\nof it"])
    func missing(value: String?) async throws {
        let fixture = try ReplayFixture((0..<4).map(authorized), redaction: secret)
        let plan = fixture.plan(arms(["mode=dies-early"])) { $0.redaction = secret }
        let error = await #expect(throws: AssayError.self) {
            try await fixture.run(plan, environment: value.map { ["SCORER_TOKEN": $0] } ?? [:])
        }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("SCORER_TOKEN") == true)
        #expect(error?.message.contains("header authorization") == true)
        if let value, !value.isEmpty { #expect(error?.message.contains(value) == false) }
    }
}
