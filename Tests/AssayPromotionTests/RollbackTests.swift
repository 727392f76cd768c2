import AssayCore
import AssayGit
import AssayPromotion
import Testing

@Suite("Rollback")
struct RollbackTests {
    typealias Fixture = PromotionTests

    /// Plays steps such as `dev+1` (promote bundle one to dev) and `dev-` (roll dev back); gives what
    /// each stage change left there, or `refused`.
    static func play(_ steps: String) async throws -> [String] {
        let bundles = ["1": Fixture.one, "2": Fixture.two, "3": Fixture.three]
        var told: [String] = []
        try await Fixture.withRepository { path in
            let repository = try Repository.discover(from: path)
            let ledger = Ledger(repository: repository)
            for bundle in bundles.values {
                for stage in ["dev", "prod"] {
                    try VerdictStore(repository: repository).add(
                        Fixture.verdict(bundle, stage: stage), by: Fixture.author(100))
                }
            }
            for (index, step) in steps.split(separator: " ").enumerated() {
                let author = Fixture.author(200 + Int64(index))
                let outcome: PromotionOutcome
                if step.hasSuffix("-") {
                    outcome = try ledger.rollback(
                        service: "svc", stage: String(step.dropLast()), to: nil, reason: nil,
                        by: author)
                } else {
                    let parts = step.split(separator: "+").map { String($0) }
                    outcome = try ledger.promote(
                        Fixture.request(
                            try #require(bundles[parts[1]]), parts[0],
                            from: parts[0] == "prod" ? "dev" : "any"), by: author)
                }
                switch outcome {
                case .promoted(let entry), .already(let entry):
                    told.append(bundles.first { $0.value == entry.bundle }?.key ?? "?")
                case .refused: told.append("refused")
                }
            }
        }
        return told
    }

    @Test(
        "what was rolled back from a stage was not in it, until it is promoted or given back again",
        arguments: [
            ("dev+1 dev+2 dev- prod+2", ["1", "2", "1", "refused"]),
            ("dev+1 dev+2 dev- prod+1", ["1", "2", "1", "1"]),
            ("dev+1 dev+2 dev- dev+2 prod+2", ["1", "2", "1", "2", "2"]),
            // A bundle that another followed was there all the same.
            ("dev+1 dev+2 prod+1", ["1", "2", "1"]),
            ("dev+1 prod+2", ["1", "refused"]),
        ])
    func wasThere(steps: String, expected: [String]) async throws {
        #expect(try await Self.play(steps) == expected)
    }

    @Test(
        "a rollback takes back only promotions before it",
        arguments: [
            ("dev+1 dev+2 dev+3 dev- dev-", ["1", "2", "3", "2", "1"]),
            // Two was left once, but came back and was good when three followed.
            ("dev+1 dev+2 dev- dev+2 dev+3 dev-", ["1", "2", "1", "2", "3", "2"]),
            ("dev+1 dev+2 dev- dev+2 dev- dev-", ["1", "2", "1", "2", "1", "refused"]),
        ])
    func leftBehind(steps: String, expected: [String]) async throws {
        #expect(try await Self.play(steps) == expected)
    }
}
