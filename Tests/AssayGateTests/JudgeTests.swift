import AssayCore
import AssayEvidence
import AssayGate
import AssayTestKit
import Testing

@Suite("the judge")
struct JudgeTests {
    @Test("a candidate that answers the same passes, with equal bytes twice")
    func pass() throws {
        let rows = JudgeFixtures.rows(sessions: 300)
        let judgement = judge(try JudgeFixtures.input(rows))
        #expect(judgement.decision == .pass, "\(judgement.headline)")
        #expect(judgement.check("same.answers")?.outcome == .pass)
        #expect(
            judgement.check("same.answers")?.reason.contains("0 of 1500 requests differ") == true)
        #expect(judgement.check("flips")?.outcome == .notApplicable)
        #expect(judgement.check("bugs")?.outcome == .notApplicable)
        #expect(judgement.check("env.parity")?.outcome == .pass)
        #expect(judgement.next == ["assay promote \(JudgeFixtures.candidate.short) --to staging"])
        #expect(judgement.bytes == judge(try JudgeFixtures.input(rows)).bytes)
        #expect(try Judgement.parse(judgement.bytes, name: "j") == judgement)
    }

    @Test("one confirmed difference blocks when only code changed; noise does not")
    func census() throws {
        var rows = JudgeFixtures.rows(sessions: 100)
        JudgeFixtures.differ(&rows[7], .noise)
        #expect(judge(try JudgeFixtures.input(rows)).check("same.answers")?.outcome == .pass)
        JudgeFixtures.differ(&rows[8], .notSent)
        let unsure = judge(try JudgeFixtures.input(rows))
        #expect(unsure.check("same.answers")?.outcome == .undecided)
        #expect(unsure.decision == .hold)
        JudgeFixtures.differ(&rows[9])
        let blocked = judge(try JudgeFixtures.input(rows))
        #expect(blocked.decision == .blocked)
        let check = try #require(blocked.check("same.answers"))
        #expect(check.fields.first?.path == "/decision")
        #expect(check.examples == [rows[9].exchange])
        #expect(blocked.headline.contains("code (service/features.py modified)"))
        #expect(check.line == 16)
        #expect(try Judgement.parse(blocked.bytes, name: "j") == blocked)
    }

    @Test("fields that no answer has are told, and a check that looks at nothing else is missing")
    func misspeltFields() throws {
        func flips(_ fields: String, _ places: AnswerPlaces?) throws -> Judgement {
            let policy = try JudgeFixtures.policy(
                """
                schema: assay/gate/v1
                compare: {/decision: exact}
                baseline: {resolve: stage/dev, if_missing: first_run}
                captures: {core: {ref: capture/core}}
                checks:
                  - {id: flips, kind: response, on: core, fields: {\(fields)}, limit: {max: 50%}}
                stages:
                  - {name: dev, from: any, checks: all}
                """)
            var use = JudgeFixtures.evidence(JudgeFixtures.rows(sessions: 100), policy: policy)
            use.evidence.places = places
            return judge(
                try JudgeFixtures.input([], stage: "dev", policy: policy, evidence: use))
        }
        let places = AnswerPlaces(exchanges: 500, values: ["/decision": 900, "/score": 900])
        let sentence =
            "core: field `/decison` of check flips matched no answer of 500; did you mean `/decision`?"
        let one = try flips("/decison: exact", places)
        #expect(one.check("flips")?.outcome == .missing)
        #expect(
            one.check("flips")?.reason
                == "no answer of 500 has `/decison`, so nothing was looked at")
        #expect(one.notes.contains(sentence))
        let two = try flips("/decison: exact, /decision: exact", places)
        #expect(two.check("flips")?.outcome == .pass)
        #expect(two.notes.contains(sentence))
        let unknown = try flips("/decison: exact", AnswerPlaces(exchanges: 500, values: nil))
        #expect(unknown.check("flips")?.outcome == .pass)
        #expect(!unknown.notes.contains { $0.contains("matched no answer") })
    }

    @Test("nothing that passed is never a pass, whatever the stage lets by")
    func nothingPassed() throws {
        let policy = try JudgeFixtures.policy(
            """
            schema: assay/gate/v1
            compare: {/score: {abs: 1e-6}, /decision: exact, /request_id: {ignore: "random id"}}
            baseline: {resolve: stage/dev, if_missing: first_run}
            captures: {core: {ref: capture/core}}
            checks:
              - {id: flips, kind: response, on: core, limit: {max: 0.1%}}
            stages:
              - {name: dev, from: any, undecided: pass, checks: all}
            """)
        let judgement = judge(
            try JudgeFixtures.input(JudgeFixtures.rows(sessions: 10), stage: "dev", policy: policy))
        #expect(judgement.check("flips")?.outcome == .undecided)
        #expect(judgement.check("flips")?.effect == Effect.none)
        #expect(judgement.decision == .hold)
        #expect(judgement.headline == "hold for dev: no check passed")
    }

    @Test("differences that nobody sent again hold the candidate, also where undecided passes")
    func unconfirmed() throws {
        var rows = JudgeFixtures.rows(sessions: 100)
        for index in 0..<50 {
            JudgeFixtures.differ(&rows[index], .notSent)
            rows[index].confirmations = [:]
        }
        let judgement = judge(try JudgeFixtures.input(rows, stage: "dev"))
        let check = try #require(judgement.check("same.answers"))
        #expect(check.outcome == .unusable)
        #expect(check.reason.hasPrefix("50 of 500 requests differ"))
        #expect(judgement.decision == .hold)
    }

    @Test("min_requests is about the capture, also where a stage takes a sample")
    func smallCapture() throws {
        let rows = JudgeFixtures.rows(sessions: 12)
        let judgement = judge(try JudgeFixtures.input(rows, stage: "staging"))
        let finding = try #require(judgement.check("same.answers")?.findings.first)
        #expect(finding.outcome == .undecided)
        #expect(finding.need == 100)
        let sampled = try #require(
            judge(try JudgeFixtures.input(rows, stage: "dev")).check("same.answers")?.findings.first
        )
        #expect(sampled.outcome == .undecided)
        #expect(sampled.reason == "60 requests are there, 100 are asked for")
    }

    @Test("a pinned capture is missed when it is absent, and no other is taken for it")
    func pinned() throws {
        let pin = Digest(of: [1])
        func policy(_ rule: String) throws -> Policy {
            try JudgeFixtures.policy(
                JudgeFixtures.policyText.replacing(
                    "bugs: {ref: bugs}", with: "bugs: {ref: bugs\(rule)}")
            )
        }
        let rows = JudgeFixtures.rows(sessions: 300)
        let open = judge(try JudgeFixtures.input(rows, policy: try policy("")))
        #expect(open.check("bugs")?.outcome == .notApplicable)
        #expect(open.check("bugs")?.reason.contains("no capture `bugs` in the store") == true)
        let pinned = try policy(", id: \"\(pin)\"")
        let absent = judge(try JudgeFixtures.input(rows, policy: pinned))
        #expect(absent.check("bugs")?.outcome == .missing)
        #expect(absent.decision == .blocked)
        var input = try JudgeFixtures.input(rows, policy: pinned)
        input.evidence["bugs"] = JudgeFixtures.evidence(rows, policy: pinned)
        #expect(judge(input).check("bugs")?.outcome == .pass)
        input.evidence["bugs"]?.evidence.capture.id = Digest(of: [9])
        #expect(judge(input).check("bugs")?.outcome == .unusable)
        #expect(judge(input).decision == .hold)
        #expect(throws: AssayError.self) { try policy(", id: 1234") }
    }

    @Test("a slice field that no exchange has is missing, not silently right")
    func unknownSlice() throws {
        let policy = try JudgeFixtures.policy(
            JudgeFixtures.policyText.replacing("by: [carrier]", with: "by: [carrierr]"))
        let judgement = judge(
            try JudgeFixtures.input(
                JudgeFixtures.rows(sessions: 300), changed: ["weights"], policy: policy))
        #expect(judgement.check("flips")?.outcome == .missing)
        #expect(
            judgement.check("flips")?.reason
                == "no exchange has the slice field `carrierr`; there are carrier")
        #expect(judgement.decision == .blocked)
    }

    @Test("a sample of the known bugs does not do")
    func bugsWhole() throws {
        let policy = try JudgeFixtures.policy()
        let rows = JudgeFixtures.rows(sessions: 20)
        var input = try JudgeFixtures.input(JudgeFixtures.rows(sessions: 300), policy: policy)
        var bugs = JudgeFixtures.evidence(rows, policy: policy)
        input.evidence["bugs"] = bugs
        #expect(judge(input).check("bugs")?.outcome == .pass)
        bugs.evidence.capture.exchanges = 400
        input.evidence["bugs"] = bugs
        #expect(judge(input).check("bugs")?.outcome == .unusable)
        #expect(
            judge(input).check("bugs")?.reason == "only 100 of 400 known bugs were replayed")
    }

    @Test("a group whose large sample was all confirmed counts as confirmed")
    func groups() throws {
        var rows = JudgeFixtures.rows(sessions: 100)
        for index in 0..<80 {
            JudgeFixtures.differ(&rows[index], index < 30 ? .confirmed : .notSent)
        }
        let finding = judge(try JudgeFixtures.input(rows)).check("same.answers")?.findings.first
        #expect(finding?.count == 80)
        JudgeFixtures.differ(&rows[90], .noise)
        let mixed = judge(try JudgeFixtures.input(rows)).check("same.answers")?.findings.first
        #expect(mixed?.count == 30)
    }

    @Test("a rate is blocked beyond its limit, and the slice that shows it is named")
    func rates() throws {
        var rows = JudgeFixtures.rows(sessions: 300)
        for index in rows.indices where rows[index].slices["carrier"] == "DL" {
            JudgeFixtures.differ(&rows[index])
        }
        let judgement = judge(try JudgeFixtures.input(rows, changed: ["weights"]))
        #expect(judgement.decision == .blocked)
        let flips = try #require(judgement.check("flips"))
        #expect(flips.findings.first { $0.slice == "carrier=DL" }?.outcome == .fail)
        #expect(flips.findings.first { $0.slice == "carrier=AA" }?.outcome == .pass)
        #expect(judgement.check("same.answers")?.outcome == .notApplicable)
        // Differences at other fields do not count for it.
        var others = JudgeFixtures.rows(sessions: 300)
        for index in others.indices {
            JudgeFixtures.differ(&others[index], at: "/score", kind: .value)
        }
        let elsewhere = judge(try JudgeFixtures.input(others, changed: ["weights"]))
        #expect(elsewhere.check("flips")?.outcome == .pass)
    }

    @Test("a slice in which differences concentrate is named, and chance is not")
    func concentration() throws {
        var rows = JudgeFixtures.rows(sessions: 300)
        for index in rows.indices where rows[index].slices["carrier"] == "DL" && index % 3 == 0 {
            JudgeFixtures.differ(&rows[index])
        }
        let detail = judge(try JudgeFixtures.input(rows)).check("same.answers")?.details.first
        #expect(
            detail == "concentrates in carrier=DL: 100 of 100 sessions there, 0 of 200 elsewhere")
        // Spread evenly, over many draws: the level holds for all slices of a check together.
        var generator = SplitMix64(seed: 5)
        var named = 0
        for _ in 0..<300 {
            var even = JudgeFixtures.rows(sessions: 90, each: 1)
            for index in even.indices where Int.random(in: 0..<4, using: &generator) == 0 {
                JudgeFixtures.differ(&even[index])
            }
            let check = judge(try JudgeFixtures.input(even)).check("same.answers")
            if check?.details.contains(where: { $0.hasPrefix("concentrates") }) == true {
                named += 1
            }
        }
        #expect(named <= 9)
    }

    @Test("too little data is undecided and says what it takes")
    func undecided() throws {
        var rows = JudgeFixtures.rows(sessions: 30)
        for index in 0..<3 { JudgeFixtures.differ(&rows[index * 20]) }
        let flips = try #require(
            judge(try JudgeFixtures.input(rows, changed: ["weights"])).check("flips"))
        #expect(flips.outcome == .undecided)
        #expect(flips.effect == .hold)
        #expect(flips.findings[0].need != nil || flips.findings[0].candidate == 0.02)
    }

    @Test("small slices are pooled and named")
    func pooling() throws {
        var rows = JudgeFixtures.rows(sessions: 300)
        for index in 0..<10 { rows[index].slices["carrier"] = index < 5 ? "HA" : "AS" }
        let flips = judge(try JudgeFixtures.input(rows, changed: ["weights"])).check("flips")
        #expect(flips?.findings.compactMap(\.slice).contains("carrier=(AS, HA)") == true)
    }

    @Test("production not reproduced holds, whatever else was found")
    func identity() throws {
        var rows = JudgeFixtures.rows(sessions: 200)
        for index in rows.indices where index % 4 == 0 {
            rows[index].differences[.identity] = [
                Difference(path: "/score", kind: .value, old: "1", new: "2")
            ]
            JudgeFixtures.differ(&rows[index])
        }
        let judgement = judge(try JudgeFixtures.input(rows))
        #expect(judgement.decision == .hold)
        #expect(judgement.headline.contains("production is not reproduced here"))
        for index in rows.indices { rows[index].identity = .otherBundle }
        let missing = judge(try JudgeFixtures.input(rows)).check("identity")
        #expect(missing?.outcome == .missing && missing?.effect == .hold)
    }

    /// Evidence whose rows depend on a redacted field where they say so.
    private func dependentInput(
        _ rows: [ExchangeOutcome], isFirstRun: Bool = false
    ) throws -> JudgeInput {
        var input = try JudgeFixtures.input(rows, isFirstRun: isFirstRun)
        input.evidence["capture/core"]?.evidence.redaction = Evidence.Redaction(
            digest: Digest(of: [3]), dependent: ["/user/email": rows.count(where: \.isDependent)])
        return input
    }

    private func makeDependent(_ row: inout ExchangeOutcome) {
        row.isDependent = true
        row.redacted = ["/user/email"]
        row.differences[.identity] = nil
        row.differences[.production] = nil
    }

    @Test("answers that depend on what was redacted are left out, and none left is missing")
    func dependent() throws {
        var rows = JudgeFixtures.rows(sessions: 400)
        for index in rows.indices where index % 4 == 0 { makeDependent(&rows[index]) }
        let sentence =
            "500 exchanges are not held against their recorded answers, which depend on /user/email"
        let some = judge(try dependentInput(rows)).check("identity")
        #expect(some?.outcome == .pass)
        #expect(some?.details.contains { $0.hasPrefix(sentence) } == true, "\(some?.details ?? [])")
        for index in rows.indices { makeDependent(&rows[index]) }
        let none = judge(try dependentInput(rows)).check("identity")
        #expect(none?.outcome == .missing && none?.effect == .hold)
        #expect(
            none?.reason.contains("2000 exchanges are not held") == true, "\(none?.reason ?? "")")
        // Another bundle's answers do not count, whatever they depend on.
        for index in rows.indices { rows[index].identity = .otherBundle }
        let others = judge(try dependentInput(rows)).check("identity")
        #expect(others?.reason.contains("none of 2000") == true, "\(others?.reason ?? "")")
    }

    @Test("a first run holds nothing against recorded answers that depend on what was redacted")
    func dependentFirstRun() throws {
        var rows = JudgeFixtures.rows(sessions: 400)
        for index in rows.indices {
            rows[index].arms["baseline"] = nil
            rows[index].identity = .unknownBundle
            guard index % 4 == 0 else { continue }
            makeDependent(&rows[index])
            rows[index].differences[.effect] = nil
            // What was redacted is what the service needs to answer at all.
            rows[index].arms["candidate"]?.status = 500
        }
        let first = judge(try dependentInput(rows, isFirstRun: true))
        for id in ["flips", "errors"] {
            let check = first.check(id)
            #expect(check?.outcome == .pass, "\(check?.reason ?? "")")
            #expect(check?.findings.first?.requests == 1500)
            #expect(check?.details.contains { $0.hasPrefix("500 exchanges are not held") } == true)
        }
        #expect(first.check("identity")?.outcome == .notApplicable)
        for index in rows.indices { rows[index].identity = .sameBundle }
        let own = judge(try dependentInput(rows, isFirstRun: true)).check("identity")
        #expect(own?.outcome == .pass)
    }

    @Test("the first run is compared with recorded answers and says so")
    func firstRun() throws {
        var rows = JudgeFixtures.rows(sessions: 300)
        for index in rows.indices {
            rows[index].arms["baseline"] = nil
            rows[index].differences[.identity] = nil
        }
        let judgement = judge(try JudgeFixtures.input(rows, changed: [], isFirstRun: true))
        #expect(judgement.firstRun)
        #expect(judgement.decision == .pass, "\(judgement.headline)")
        #expect(judgement.check("identity")?.outcome == .pass)
        #expect(judgement.check("env.parity")?.outcome == .notApplicable)
        #expect(judgement.check("flips")?.outcome == .pass)
        let strict = try JudgeFixtures.policy(
            JudgeFixtures.policyText.replacingFirst(
                "if_missing: first_run", with: "if_missing: block"))
        let blocked = judge(try JudgeFixtures.input(rows, isFirstRun: true, policy: strict))
        #expect(blocked.decision == .blocked && blocked.check("baseline") != nil)
    }

    @Test("errors of the candidate are told from errors of both")
    func errors() throws {
        var rows = JudgeFixtures.rows(sessions: 300)
        for index in rows.indices where index % 20 == 0 {
            rows[index].arms["baseline"] = .init(status: 503)
            rows[index].arms["candidate"] = .init(status: 503)
        }
        #expect(judge(try JudgeFixtures.input(rows)).check("errors")?.outcome == .pass)
        for index in rows.indices where index % 20 == 7 {
            rows[index].arms["candidate"] = .init(failure: .timedOut)
            rows[index].differences[.effect] = nil
        }
        let judgement = judge(try JudgeFixtures.input(rows))
        #expect(judgement.check("errors")?.outcome == .fail)
        #expect(judgement.check("same.answers")?.findings.first?.count == 75)
    }

    @Test("no answer on both sides is no difference, on one side it is")
    func failures() throws {
        var rows = JudgeFixtures.rows(sessions: 300)
        for index in 0..<3 {
            rows[index].arms["baseline"] = .init(failure: .timedOut)
            rows[index].arms["candidate"] = .init(failure: .timedOut)
            rows[index].differences[.effect] = nil
        }
        #expect(judge(try JudgeFixtures.input(rows)).check("same.answers")?.outcome == .pass)
        rows[0].arms["candidate"] = .init(status: 200)
        #expect(judge(try JudgeFixtures.input(rows)).check("same.answers")?.outcome == .undecided)
        rows[0].arms = ["baseline": .init(status: 200), "candidate": .init(failure: .crashed)]
        let judgement = judge(try JudgeFixtures.input(rows))
        #expect(judgement.check("same.answers")?.outcome == .fail)
        #expect(judgement.check("same.answers")?.fields.first?.path == "status")
    }

    @Test("latency that is void is not quietly right")
    func latency() throws {
        let rows = JudgeFixtures.rows(sessions: 100)
        let policy = try JudgeFixtures.policy()
        let sound = judge(try JudgeFixtures.input(rows))
        #expect(
            sound.check("latency")?.outcome == .pass,
            "\(String(describing: sound.check("latency")))")
        let use = JudgeFixtures.evidence(rows, policy: policy, void: "paced at full speed")
        let void = judge(try JudgeFixtures.input(rows, evidence: use)).check("latency")
        #expect(void?.outcome == .void && void?.effect == .hold)
        var slow = JudgeFixtures.evidence(rows, policy: policy)
        slow.evidence.latency["candidate"]?.sample = (0..<500).map { Int64(1500 + ($0 * 37) % 500) }
        #expect(
            judge(try JudgeFixtures.input(rows, evidence: slow)).check("latency")?.outcome == .fail)
    }

    @Test("the environment's last matching rule wins, and loose keys are told")
    func environment() throws {
        let rows = JudgeFixtures.rows(sessions: 100)
        let policy = try JudgeFixtures.policy()
        let use = JudgeFixtures.evidence(
            rows, policy: policy,
            candidateEnvironment: [
                "package.numpy": "2.1.1", "package.pandas": "2.2.9", "machine.arch": "arm",
            ])
        let check = try #require(
            judge(try JudgeFixtures.input(rows, evidence: use)).check("env.parity"))
        #expect(check.outcome == .fail)
        #expect(check.details.count == 2)
        #expect(check.details[0].contains("package.numpy: 2.1.0 → 2.1.1"))
        #expect(check.details[1].contains("machine.arch"))
    }

    @Test("evidence of something else, or that contradicts itself, is unusable")
    func unusable() throws {
        let rows = JudgeFixtures.rows(sessions: 100)
        let policy = try JudgeFixtures.policy()
        var broken: [JudgeInput.CaptureEvidence] = []
        for change in 0..<6 {
            var use = JudgeFixtures.evidence(rows, policy: policy)
            switch change {
            case 0: use.evidence.service = "other"
            case 1: use.evidence.arms[2].bundle = JudgeFixtures.baseline
            case 2: use.evidence.rules = ComparisonRules()
            case 3: use.evidence.ledger.errored = 3
            case 4: use.rows.removeLast()
            default: use.rows[1].exchange = use.rows[0].exchange
            }
            broken.append(use)
        }
        for use in broken {
            let judgement = judge(try JudgeFixtures.input(rows, evidence: use))
            #expect(judgement.decision == .hold)
            #expect(judgement.check("same.answers")?.outcome == .unusable)
        }
    }

    @Test("unmatched egress holds, missing evidence fails, nothing evaluated is never a pass")
    func holes() throws {
        var rows = JudgeFixtures.rows(sessions: 100)
        for index in 0..<20 {
            rows[index].arms["candidate"] = .init(status: 500, unmatchedEgress: 1)
            rows[index].differences[.effect] = nil
        }
        let unmatched = judge(try JudgeFixtures.input(rows))
        #expect(unmatched.decision == .hold)
        #expect(unmatched.check("errors")?.outcome == .unmatched)
        var input = try JudgeFixtures.input(rows)
        input.evidence = [:]
        let missing = judge(input)
        #expect(missing.check("same.answers")?.outcome == .missing)
        #expect(missing.decision == .blocked)
        let lenient = try JudgeFixtures.policy(
            JudgeFixtures.policyText.replacingFirst("missing: fail", with: "missing: pass"))
        input.policy = lenient
        #expect(judge(input).decision == .hold)
    }

    @Test("a stage's sample may be below min_requests, and the judgement says so")
    func sizes() throws {
        let policy = try JudgeFixtures.policy()
        let rows = JudgeFixtures.rows(sessions: 16)
        var evidence = JudgeFixtures.evidence(rows, policy: policy)
        evidence.evidence.capture.exchanges = 150
        let dev = judge(try JudgeFixtures.input(rows, stage: "dev", evidence: evidence))
        #expect(dev.check("same.answers")?.outcome == .pass)
        #expect(dev.decision == .pass)
        #expect(dev.notes.contains { $0.contains("fewer than its min_requests 100") })
        #expect(dev.notChecked["checks"] == ["flips", "latency", "errors"])
        let staging = judge(try JudgeFixtures.input(rows, evidence: evidence))
        #expect(staging.check("same.answers")?.outcome == .undecided)
        #expect(staging.check("same.answers")?.findings.first?.need == 100)
    }

    @Test("a known bug that is back blocks")
    func knownBugs() throws {
        let rows = JudgeFixtures.rows(sessions: 100)
        var input = try JudgeFixtures.input(rows)
        var cases = JudgeFixtures.rows(sessions: 2, each: 1)
        input.evidence["bugs"] = JudgeFixtures.evidence(cases, policy: input.policy)
        #expect(judge(input).check("bugs")?.outcome == .pass)
        cases[0].differences[.production] = [
            Difference(path: "/decision", kind: .decision, old: "a", new: "b")
        ]
        input.evidence["bugs"] = JudgeFixtures.evidence(cases, policy: input.policy)
        let judgement = judge(input)
        #expect(judgement.decision == .blocked)
        #expect(judgement.check("bugs")?.reason.contains("1 of 2 cases") == true)
        // Where the recorded answer depends on what was redacted nobody knows whether it is wrong again:
        // the baseline's answer says nothing of it.
        cases[0].differences[.production] = nil
        cases[0].isDependent = true
        for (differs, status) in [(false, 200), (true, 200), (false, 500)] {
            cases[0].differences[.effect] =
                differs
                ? [Difference(path: "/decision", kind: .decision, old: "a", new: "b")] : []
            cases[0].arms["candidate"]?.status = status
            input.evidence["bugs"] = JudgeFixtures.evidence(cases, policy: input.policy)
            let check = judge(input).check("bugs")
            #expect(check?.outcome != .pass && check?.outcome != .fail, "\(differs) \(status)")
        }
    }

    @Test("documents with other members, or cut short, are refused")
    func documents() throws {
        let bytes = judge(try JudgeFixtures.input(JudgeFixtures.rows(sessions: 40))).bytes
        let text = String(decoding: bytes, as: UTF8.self)
        for (old, new) in [
            ("\"decision\":\"", "\"decision\":\"x"), ("\"tool\":", "\"more\":1,\"tool\":"),
            ("\"effect\":\"", "\"effect\":\"y"),
        ] {
            #expect(throws: AssayError.self) {
                try Judgement.parse(Array(text.replacingFirst(old, with: new).utf8), name: "j")
            }
        }
        for end in stride(from: 0, to: bytes.count, by: 97) {
            #expect(throws: AssayError.self) {
                try Judgement.parse(Array(bytes[..<end]), name: "j")
            }
        }
    }
}
