import AssayCapture
import AssayCore
import AssayEvidence
import AssayReplay
import SystemPackage
import Testing

@Suite("replay plans")
struct ReplayPlanTests {
    static func plan() -> ReplayPlan {
        ReplayPlan(
            service: "flight-delay", captureName: "capture/core", capture: Digest(of: [1]),
            store: "/srv/store", runs: "/srv/runs",
            arms: [
                ArmPlan(
                    role: .baseline, bundle: Digest(of: [2]), directory: "/b",
                    command: ["{python}", "-m", "serve", "{port}"], python: "/env/bin/python",
                    environmentRoot: "/env", variables: ["TZ": "UTC"], secrets: ["TOKEN"],
                    ready: .http(path: "/healthz"), readyTimeout: .seconds(5),
                    egress: [ArmPlan.Egress(name: "features", variable: "FEATURES_URL")],
                    facts: ["package.numpy": "2.1.0"]),
                ArmPlan(
                    role: .candidate, bundle: Digest(of: [3]), directory: "/c", command: ["serve"],
                    ready: .line("ready")),
            ],
            history: [.init(since: 1_700_000_000_000_000_000, bundle: Digest(of: [2]))],
            rules: ComparisonRules(rules: [
                .init(pointer: "/score", measure: .tolerance(absolute: 1e-6, relative: nil))
            ]), seed: .max, pacing: .rate(12.5), concurrency: 4, sample: 500, isolation: .process,
            tool: "0.1.0")
    }

    @Test("a plan survives its document, byte for byte")
    func roundTrip() throws {
        var plan = Self.plan()
        plan.redaction = RedactionRules([
            .init(.header("authorization"), .drop, secret: "TOKEN"),
            .init(.pointer(["user", "a/b", "*"]), .pseudonym, answerDepends: true),
            .init(.unreadableBody, .mask),
        ])
        let read = try ReplayPlan.parse(plan.encode(), name: "plan")
        #expect(read == plan)
        #expect(read.encode() == plan.encode())
    }

    @Test("every truncation of a plan is refused")
    func truncations() {
        let bytes = Self.plan().encode()
        for count in 0..<bytes.count {
            #expect(throws: AssayError.self) {
                try ReplayPlan.parse(Array(bytes[..<count]), name: "plan")
            }
        }
    }

    @Test("a plan that cannot be run says why")
    func refusals() {
        var empty = Self.plan()
        empty.arms = []
        var speed = Self.plan()
        speed.pacing = .schedule(speed: 0)
        var twice = Self.plan()
        twice.arms += twice.arms
        for plan in [empty, speed, twice] {
            #expect(throws: AssayError.self) { try plan.validate() }
        }
    }
}
