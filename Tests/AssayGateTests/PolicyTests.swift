import AssayCore
import AssayEvidence
import AssayGate
import Testing

@Suite("policies")
struct PolicyTests {
    @Test("the whole grammar is read with its types")
    func whole() throws {
        let policy = try Fixtures.policy()
        #expect(policy.digest == Digest(of: Array(Fixtures.policyText.utf8)))
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
        ("{abs: 1e-6}", "{ulp: 4}", "", "not supported"),
        ("{abs: 1e-6}", "{abs: -1}", "", "must not be negative"),
        ("/decision: exact,", "decision: exact,", "", "not a JSON Pointer"),
        ("id: errors", "id: latency", "", "defined twice"),
        ("level: minor", "level: minimal", "", "it can be"),
        ("package.{numpy,lightgbm}", "package.{numpy", "", "braces"),
        ("[candidate, stage/prod]", "[candidate, stage/dev]", "", "not supported"),
        ("schema: assay/gate/v1", "schema: assay/gate/v2", "1:9", "must be `assay/gate/v1`"),
        ("schema: assay/gate/v1", "schema: assay/gate/v1\ntrust: {}", "2:8", "not supported"),
        ("waivable: false}", "waivable: no}", "", "`true` or `false`"),
    ]

    @Test("faults are refused with line and column", arguments: faults)
    func refused(old: String, new: String, place: String, words: String) throws {
        let text = Fixtures.policyText.replacingFirst(old, with: new)
        #expect(text != Fixtures.policyText)
        do {
            _ = try Fixtures.policy(text)
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
        let bytes = Array(Fixtures.policyText.utf8)
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
