import AssayCore
import AssayEvidence
import AssayGate
import Testing

@testable import AssayCommands

@Suite("Starting files")
struct StartingFilesTests {
    @Test("a retrain is judged by what callers act on, not by every number that it moves")
    func policy() throws {
        let policy = try Policy.parse(Array(StartingFiles.policy.utf8), file: "gate.yaml")
        for check in policy.checks where check.kind == .response && check.condition != nil {
            guard let condition = check.condition, !condition.changed.isEmpty else { continue }
            #expect(!check.fields.isEmpty, "\(check.id)")
            for field in check.fields {
                #expect(policy.comparisonRules.rules.map(\.pointer).contains(field))
            }
        }
        #expect(policy.check(named: "flips")?.fields == ["/decision"])
        let line = try #require(
            StartingFiles.policy.split(separator: "\n").first { $0.contains("fields:") })
        #expect(line.contains("# fill in"))
    }
}
