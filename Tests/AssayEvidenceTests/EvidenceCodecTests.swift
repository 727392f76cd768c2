import AssayCore
import AssayEvidence
import Testing

@Suite("evidence documents")
struct EvidenceCodecTests {
    @Test("a full document survives a round trip with the same bytes")
    func roundTrip() throws {
        let evidence = Samples.evidence()
        let bytes = evidence.encode()
        let again = try Evidence.parse(bytes, name: "evidence")
        #expect(again == evidence)
        #expect(again.encode() == bytes)
    }

    @Test("every truncation of a document is refused")
    func truncation() throws {
        let bytes = Samples.evidence().encode()
        for length in 0..<bytes.count {
            #expect(throws: AssayError.self) {
                try Evidence.parse(Array(bytes[..<length]), name: "evidence")
            }
        }
    }

    @Test("an unknown member, another schema and a wrong rules digest are refused")
    func strictness() throws {
        guard case .object(var members) = Samples.evidence().json else { return }
        func parse(_ members: [String: JSONValue]) throws {
            _ = try Evidence(json: JSONReader(.object(members), document: "evidence"))
        }
        try parse(members)
        members["surplus"] = true
        #expect(throws: AssayError.self) { try parse(members) }
        members["surplus"] = nil
        members["schema"] = "assay/evidence/v2"
        #expect(throws: AssayError.self) { try parse(members) }
        members["schema"] = .string(Evidence.schema)
        members["rulesDigest"] = JSONValue(Digest(of: []))
        #expect(throws: AssayError.self) { try parse(members) }
    }

    @Test("any member that is missing or has another type is refused or optional")
    func missingMembers() throws {
        guard case .object(let members) = Samples.evidence().json else { return }
        for key in members.keys {
            var cut = members
            cut[key] = nil
            let optional = ["timings", "examples", "places"].contains(key)
            let outcome = Result { try Evidence(json: JSONReader(.object(cut), document: "e")) }
            if optional {
                #expect(throws: Never.self) { try outcome.get() }
            } else {
                #expect(throws: AssayError.self, "without \(key)") { try outcome.get() }
            }
            cut[key] = .array([.null])
            #expect(throws: AssayError.self, "with a list as \(key)") {
                try Evidence(json: JSONReader(.object(cut), document: "e"))
            }
        }
    }

    @Test("a seed beyond a signed integer is kept")
    func largeSeed() throws {
        var evidence = Samples.evidence()
        evidence.seed = .max
        #expect(try Evidence.parse(evidence.encode(), name: "evidence").seed == .max)
    }

    @Test("the digest of rules leaves the line out and sees the order")
    func rulesDigest() {
        let first = ComparisonRules.Rule(pointer: "/a", measure: .exact, line: 3)
        let moved = ComparisonRules.Rule(pointer: "/a", measure: .exact, line: 9)
        let second = ComparisonRules.Rule(pointer: "/b", measure: .ignore(reason: "clock"))
        #expect(
            ComparisonRules(rules: [first, second]).digest
                == ComparisonRules(rules: [moved, second]).digest)
        #expect(
            ComparisonRules(rules: [first, second]).digest
                != ComparisonRules(rules: [second, first]).digest)
    }

    @Test("a rule with two measures or none is refused")
    func ruleMeasures() throws {
        let none: JSONValue = ["pointer": "/a"]
        let two: JSONValue = ["pointer": "/a", "exact": true, "ignore": "why"]
        for value in [none, two] {
            #expect(throws: AssayError.self) {
                try ComparisonRules.Rule(json: JSONReader(value, document: "rule"))
            }
        }
    }
}
