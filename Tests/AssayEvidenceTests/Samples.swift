import AssayCore
import AssayEvidence

/// Values that fill every member.
enum Samples {
    static func row(_ exchange: String) -> ExchangeOutcome {
        var row = ExchangeOutcome(
            exchange: exchange, session: "user \"7\"", route: "POST /predict",
            slices: ["carrier": "HA", "origin": "LGA"],
            arms: [
                "recorded": .init(status: 200), "baseline": .init(status: 503, unmatchedEgress: 2),
                "candidate": .init(failure: .timedOut),
            ],
            identity: .sameBundle,
            differences: [
                .identity: [],
                .effect: [
                    Difference(path: "status", kind: .status, old: "200", new: nil),
                    Difference(path: "/a~1b/0", kind: .value, old: "1.0\n", new: "2é"),
                ],
            ],
            confirmations: ["/a~1b/0": .confirmed, "status": .notSent])
        row.redacted = ["/user/\"é", "header x-user"]
        row.isDependent = true
        return row
    }

    static func evidence() -> Evidence {
        var groups = DifferenceGroups()
        groups.add(row("00ff"))
        groups.add(row("01aa"))
        var ledger = LossLedger()
        (ledger.seen, ledger.whole, ledger.truncated) = (5, 4, 1)
        (ledger.replayed, ledger.notReplayed) = (3, 1)
        (ledger.compared, ledger.errored) = (2, 1)
        var evidence = Evidence(
            service: "flight-delay",
            capture: .init(
                id: Digest(of: "capture".utf8), name: "capture/core", exchanges: 5, chosen: 4,
                sessions: 3, sample: 4),
            arms: [
                .init(name: "recorded", bundle: nil),
                .init(
                    name: "candidate", bundle: Digest(of: "bundle".utf8),
                    environment: ["package.numpy": "2.1.0"], starts: 2, restarts: 1),
            ],
            rules: ComparisonRules(rules: [
                .init(
                    pointer: "/score", measure: .tolerance(absolute: 1e-6, relative: nil), line: 3),
                .init(pointer: "/p", measure: .decision(thresholds: [0.5, 1])),
                .init(pointer: "/decision", measure: .exact),
                .init(pointer: "/request_id", measure: .ignore(reason: "random id")),
            ]),
            seed: 7, pacing: .init(mode: "schedule", value: 2.5, concurrency: 8),
            isolation: .sandbox, tool: "1.0.0", groups: groups.sorted,
            latency: [
                "candidate": .init(
                    count: 3, quantiles: ["p50": 1_000_000, "max": 3_000_000],
                    sample: [1000, 2000, 3000], void: "closed loop")
            ],
            ledger: ledger, suppressed: ["/request_id": 3], notes: ["a note"],
            outcomes: Digest(of: "outcomes".utf8), timings: Digest(of: "timings".utf8),
            examples: nil)
        evidence.places = AnswerPlaces(
            exchanges: 3, values: ["/score": 6, "/u/*/n": 2], starred: ["/u"])
        return evidence
    }
}
