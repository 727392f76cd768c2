import AssayCore
import AssayEvidence
import AssayGate
import AssayStatistics
import AssayTestKit
import Testing

@Suite("error rates by seeded simulation")
struct SimulationTests {
    static let policyText = """
        schema: assay/gate/v1
        captures: {core: {ref: capture/core}}
        checks:
          - {id: rate, kind: response, on: core, limit: {max: 2%}, slices: {by: [carrier], limit: {max: 4%}}}
          - {id: errors, kind: errors, on: core, limit: {max_increase: 0.5pp}}
        stages: [{name: prod}]
        """

    /// Sessions whose requests share their luck: with chance `rho` one draw counts for all.
    private func rows(
        sessions: Int, share: Double, errors: (Double, Double), rho: Double,
        _ generator: inout Xoshiro256
    ) -> [ExchangeOutcome] {
        var rows = JudgeFixtures.rows(sessions: sessions, each: 4)
        for session in 0..<sessions {
            let copied = generator.uniform() < rho
            var draws = (0..<4).map { _ in
                (
                    generator.uniform() < share, generator.uniform() < errors.0,
                    generator.uniform() < errors.1
                )
            }
            if copied { draws = Array(repeating: draws[0], count: 4) }
            for (index, draw) in draws.enumerated() {
                let place = session * 4 + index
                if draw.0 { JudgeFixtures.differ(&rows[place]) }
                if draw.1 { rows[place].arms["baseline"] = .init(status: 500) }
                if draw.2 { rows[place].arms["candidate"] = .init(status: 500) }
            }
        }
        return rows
    }

    private func judged(_ rows: [ExchangeOutcome], policy: Policy) throws -> Judgement {
        judge(try JudgeFixtures.input(rows, stage: "prod", changed: ["weights"], policy: policy))
    }

    @Test("candidates exactly at the limit are seldom blocked", arguments: [0.0, 0.3, 0.5])
    func falseBlocks(rho: Double) throws {
        let policy = try JudgeFixtures.policy(Self.policyText)
        var generator = Xoshiro256(seed: 21)
        var blocked = 0
        for _ in 0..<100 {
            let rows = rows(
                sessions: 150, share: 0.02, errors: (0.02, 0.025), rho: rho, &generator)
            if try judged(rows, policy: policy).decision == .blocked { blocked += 1 }
        }
        // Nominal is 5 in 100, on both sides of every interval; harm has half of that.
        #expect(blocked <= 5, "\(blocked) of 100")
    }

    @Test("bundles that differ by nothing but rare errors of both are not blocked")
    func identical() throws {
        let policy = try JudgeFixtures.policy(Self.policyText)
        var generator = Xoshiro256(seed: 22)
        var counts: [Judgement.Decision: Int] = [:]
        for _ in 0..<100 {
            let rows = rows(
                sessions: 400, share: 0, errors: (0.001, 0.001), rho: 0.3, &generator)
            counts[try judged(rows, policy: policy).decision, default: 0] += 1
        }
        #expect(counts[.blocked] == nil)
        #expect(counts[.pass, default: 0] > 50, "\(counts)")
    }

    @Test("noise of processes never blocks a census, and one confirmed difference does")
    func census() throws {
        let policy = try JudgeFixtures.policy(
            Self.policyText.replacingFirst("max: 2%", with: "max: 0 requests"))
        var generator = Xoshiro256(seed: 25)
        for _ in 0..<40 {
            var rows = rows(sessions: 100, share: 0, errors: (0, 0), rho: 0, &generator)
            for session in 0..<100 where generator.uniform() < 0.1 {
                for index in 0..<4 { JudgeFixtures.differ(&rows[session * 4 + index], .noise) }
            }
            #expect(try judged(rows, policy: policy).check("rate")?.findings[0].outcome == .pass)
            JudgeFixtures.differ(&rows[generator.below(400)], at: "/score", kind: .value)
            #expect(try judged(rows, policy: policy).decision == .blocked)
        }
    }

    @Test("a real regression of 5 % is found", arguments: [0.0, 0.3, 0.5])
    func power(rho: Double) throws {
        let policy = try JudgeFixtures.policy(Self.policyText)
        var generator = Xoshiro256(seed: 23)
        var found = 0
        for _ in 0..<40 {
            let rows = rows(sessions: 700, share: 0.07, errors: (0, 0), rho: rho, &generator)
            if try judged(rows, policy: policy).decision == .blocked { found += 1 }
        }
        #expect(found >= 38, "\(found) of 40")
    }

    @Test("errors that rise by 5 points are found")
    func errors() throws {
        let policy = try JudgeFixtures.policy(Self.policyText)
        var generator = Xoshiro256(seed: 24)
        var found = 0
        for _ in 0..<40 {
            let rows = rows(sessions: 400, share: 0, errors: (0.01, 0.06), rho: 0.3, &generator)
            if try judged(rows, policy: policy).check("errors")?.outcome == .fail { found += 1 }
        }
        #expect(found >= 38, "\(found) of 40")
    }
}
