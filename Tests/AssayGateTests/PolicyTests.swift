import AssayCore
import AssayEvidence
import AssayGate
import AssayTestKit
import Testing

@Suite("policies")
struct PolicyTests {
    @Test("the whole grammar is read with its types")
    func whole() throws {
        let policy = try JudgeFixtures.policy()
        #expect(policy.digest == Digest(of: Array(JudgeFixtures.policyText.utf8)))
        #expect(
            policy.comparisonRules.rules.map(\.measure) == [
                .tolerance(absolute: 1e-6, relative: nil), .exact, .ignore(reason: "random id"),
            ])
        #expect(policy.baseline.resolve == "stage/prod")
        #expect(policy.captures.map(\.ref) == ["capture/core", "bugs"])
        #expect(policy.captures[0].maximumAge == Int64(2_592_000_000_000_000))
        #expect(policy.statistics.confidence == 0.95)
        let flips = try #require(policy.check(named: "flips"))
        #expect(flips.fields == ["/decision"])
        #expect(flips.limits.map(\.value) == [0.02])
        #expect(flips.slices?.limits.map(\.value) == [0.1])
        #expect(flips.slices?.undecided == .warn)
        #expect(flips.line == 17)
        let latency = try #require(policy.check(named: "latency"))
        #expect(Set(latency.limits.map(\.value)) == [80e6, 0.1])
        let prod = try policy.stage(named: "prod")
        #expect(prod.unenforced() == ["evidence_max_age", "soak", "approvals", "freeze"])
        #expect(prod.unenforced(by: ["soak", "freeze"]) == ["evidence_max_age", "approvals"])
        #expect(prod.freeze[0].begin == (4 * 24 + 16) * 60)
        #expect(prod.freeze[0].zone == "Europe/Berlin")
        #expect(policy.breakGlass?.neverSkips == ["same.answers", "bugs"])
        #expect(
            policy.captures(of: try policy.stage(named: "dev")).map(\.name) == ["core", "bugs"])
        #expect(try policy.stage(named: "dev").sample == 50)
        #expect(throws: AssayError.self) { try policy.stage(named: "stagng") }
    }

    static let faults: [(String, String, String, String)] = [
        ("kind: latency", "kind: metric", "18:25", "kind `metric` is not supported"),
        ("kind: latency", "kind: latencies", "18:25", "it can be"),
        ("max: 1.5%", "max: 1", "", "a number with its unit"),
        ("max: 1.5%", "max: 20ms", "", "a number with its unit"),
        ("max: 1.5%", "max: -1%", "", "a number with its unit"),
        ("max: 1.5%", "max: .5%", "", "a number with its unit"),
        ("max: 1.5%", "min: 1%", "", "makes no sense for a check of kind `identity`"),
        ("max: 1.5%", "maks: 1%", "", "unknown key `maks`"),
        ("max_increase: 2pp", "max_increase: 1%", "", "a number with its unit"),
        ("max: 0 requests", "max: 0.5 requests", "", "a number with its unit"),
        ("max: 0 cases", "max: 0 requests", "", "a number with its unit"),
        ("measure: p99", "measure: p95", "", "it can be"),
        ("changed: [weights]", "changed: [wieghts]", "", "it can be"),
        ("on: bugs", "on: bug", "", "not in `captures`"),
        ("confidence: 95%", "confidence: 95", "", "must be from"),
        ("undecided: pass", "undecided: maybe", "", "it can be"),
        ("from: dev", "from: devel", "", "it can be"),
        ("soak: 24h", "soak: 24", "", "must be a duration"),
        ("sample: 50 requests", "sample: 50", "", "must be a size"),
        ("Fri 16:00", "Fri 16", "", "not a time of the week"),
        ("never_skips: [same.answers", "never_skips: [same", "", "it can be"),
        (
            "fields: {/decision: exact}", "fields: {/score: exact}", "",
            "in another way than `compare`"
        ),
        ("{ignore: \"random id\"}", "ignore", "", "without a reason"),
        ("name: prod,", "name: production,", "", "must be `stage/`"),
        (
            "when: {changed: [weights]}", "when: {changed: [weights], unchanged: [weights]}", "",
            "at once"
        ),
        ("{abs: 1e-6}", "{ulp: -4}", "", "must not be negative"),
        ("{abs: 1e-6}", "{ulp: 4, bits: 16}", "", "`bits: 32` or `bits: 64`"),
        ("{abs: 1e-6}", "{ulp: 4, abs: 1}", "", "unknown key"),
        ("{abs: 1e-6}", "{time: 5}", "", "must be a duration"),
        ("{abs: 1e-6}", "{shape: guid}", "", "it can be"),
        ("{abs: 1e-6}", "{text: [colour]}", "", "it can be"),
        ("{abs: 1e-6}", "{cosine: 2}", "", "must be from -1 to 1"),
        ("{abs: 1e-6}", "{rank: 10}", "", "overlap"),
        ("{abs: 1e-6}", "{rank: 0, overlap: 80%}", "", "must be at least 1"),
        ("{abs: 1e-6}", "{array: sorted}", "", "it can be"),
        ("{abs: 1e-6}", "{array: {key: id}}", "", "JSON Pointer into an element"),
        ("{abs: 1e-6}", "{abs: -1}", "", "must not be negative"),
        ("/decision: exact,", "decision: exact,", "", "not a JSON Pointer"),
        ("/decision: exact,", "status: {abs: 1},", "", "`exact` or `{ignore: "),
        ("/decision: exact,", "'header:': exact,", "", "names no header"),
        ("/decision: exact,", "'header:x y': exact,", "", "names no header"),
        ("/decision: exact,", "'egress:rates': {ignore: new},", "", "can have no rule"),
        ("/decision: exact,", "'header:x': {cosine: 0.5},", "", "a header is no array"),
        ("/decision: exact,", "'header:x': {array: multiset},", "", "a header is no array"),
        ("/decision: exact,", "statuss: exact,", "", "did you mean `status`"),
        ("fields: {/decision: exact}", "fields: {status: exact}", "", "not a JSON Pointer"),
        ("fields: {/decision: exact}", "fields: [body]", "", "not a JSON Pointer"),
        ("id: errors", "id: ''", "", "must hold 1 to 100"),
        ("id: errors", "id: a/b", "", "must hold 1 to 100"),
        ("name: dev,", "name: '',", "", "must hold 1 to 100"),
        ("name: dev,", "name: ..,", "", "must hold 1 to 100"),
        ("name: dev,", "name: any,", "", "`any` stands for every stage"),
        ("id: errors", "id: latency", "", "defined twice"),
        ("level: minor", "level: minimal", "", "it can be"),
        ("package.{numpy,lightgbm}", "package.{numpy", "", "braces"),
        ("[candidate, stage/prod]", "[candidate, stage/dev]", "", "not supported"),
        ("schema: assay/gate/v1", "schema: assay/gate/v2", "1:9", "must be `assay/gate/v1`"),
        ("schema: assay/gate/v1", "schema: assay/gate/v1\ntrust: {}", "2:8", "not supported"),
        ("waivable: false}", "waivable: no}", "", "`true` or `false`"),
    ]

    @Test("every way to compare is read as it is written")
    func measures() throws {
        let rules: [(String, ComparisonRules.Measure, ComparisonRules.ArrayPairing)] = [
            ("exact", .exact, .ordered),
            ("{abs: 1e-6, rel: 1e-3}", .tolerance(absolute: 1e-6, relative: 1e-3), .ordered),
            ("{decision: [0.5, 0.9]}", .decision(thresholds: [0.5, 0.9]), .ordered),
            ("{ulp: 4}", .ulp(count: 4, bits: 64), .ordered),
            ("{ulp: 4, bits: 32}", .ulp(count: 4, bits: 32), .ordered),
            ("{time: 5s}", .time(within: 5_000_000_000), .ordered),
            ("{shape: uuid}", .shape(.uuid), .ordered),
            ("{text: [space, case]}", .text(ignoring: [.case, .space]), .ordered),
            ("{cosine: 0.999}", .cosine(minimum: 0.999), .ordered),
            ("{rank: 10, overlap: 80%}", .rank(top: 10, overlap: 0.8, key: nil), .ordered),
            (
                "{rank: 10, overlap: 80%, key: /id}", .rank(top: 10, overlap: 0.8, key: "/id"),
                .ordered
            ),
            ("{array: multiset}", .exact, .multiset),
            (
                "{array: {key: /id}, abs: 0.5}", .tolerance(absolute: 0.5, relative: nil),
                .keyed("/id")
            ),
        ]
        for (text, measure, pairing) in rules {
            let policy = try JudgeFixtures.policy(
                JudgeFixtures.policyText.replacingFirst("{abs: 1e-6}", with: text))
            let rule = try #require(policy.comparisonRules.rules.first)
            #expect(rule.measure == measure, "\(text)")
            #expect(rule.pairing == pairing, "\(text)")
            let document = JSONReader(policy.comparisonRules.json, document: "rules")
            #expect(try ComparisonRules(json: document) == policy.comparisonRules)
        }
    }

    @Test("a status, headers and a body without places can be named where answers are compared")
    func placesOutsideBodies() throws {
        let policy = try JudgeFixtures.policy(
            JudgeFixtures.policyText.replacingFirst(
                #"{/score: {abs: 1e-6}, /decision: exact, /request_id: {ignore: "random id"}}"#,
                with: "{status: {ignore: r}, 'header:x-n': {abs: 1}, 'header:*': exact, "
                    + "body: {abs: 1}}"
            ).replacingFirst("fields: {/decision: exact}", with: "fields: {/decision: {abs: 1}}")
        )
        #expect(
            policy.comparisonRules.rules.map(\.pointer)
                == ["status", "header:x-n", "header:*", "body"])
    }

    @Test("faults are refused with line and column", arguments: faults)
    func refused(old: String, new: String, place: String, words: String) throws {
        let text = JudgeFixtures.policyText.replacingFirst(old, with: new)
        #expect(text != JudgeFixtures.policyText)
        do {
            _ = try JudgeFixtures.policy(text)
            Issue.record("\(new) was accepted")
        } catch let error as AssayError {
            let all = "\(error) \(error.hint ?? "")"
            #expect(all.contains(words), "\(all)")
            #expect(error.location != nil)
            if !place.isEmpty { #expect(error.location?.description == "gate.yaml:\(place)") }
        }
    }

    @Test("every truncation of a policy is read or refused")
    func truncations() {
        let bytes = Array(JudgeFixtures.policyText.utf8)
        for end in stride(from: 0, to: bytes.count, by: 7) {
            _ = try? Policy.parse(Array(bytes[..<end]), file: "gate.yaml")
        }
    }

    @Test("environment levels and patterns")
    func environment() throws {
        let pattern = try #require(KeyPattern("package.{numpy,light*}"))
        #expect(pattern.matches("package.numpy") && pattern.matches("package.lightgbm"))
        #expect(!pattern.matches("package.numpyx") && !pattern.matches("xpackage.numpy"))
        #expect(KeyPattern("a{b") == nil && KeyPattern("a}b{") == nil && KeyPattern("") == nil)
        #expect(KeyPattern(String(repeating: "{a,b}", count: 20)) == nil)
    }
}

extension String {
    /// The text with its first occurrence of `old` replaced.
    func replacingFirst(_ old: String, with new: String) -> String {
        guard let range = firstRange(of: old) else { return self }
        return self[..<range.lowerBound] + new + self[range.upperBound...]
    }
}
