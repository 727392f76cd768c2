import AssayCore
import AssayEvidence

extension JudgementDraft {
    /// Puts the results together and decides.
    func finish() -> Judgement {
        let policy = input.policy
        let consequences = Consequences(
            stage: input.stage, confidence: policy.statistics.confidence)
        var results = self.results.map(consequences.result(of:))
        if isFirstRun, policy.baseline.ifMissing == .block { results.append(missingBaseline) }
        let decision = decide(results)
        let components = changed.sorted()
        var judgement = Judgement(
            decision: decision, headline: "", stage: input.stage.name, service: input.service,
            candidate: input.candidate, baseline: input.baseline, firstRun: isFirstRun,
            changed: components, unchanged: Component.names.filter { !changed.contains($0) },
            changes: input.changes, policy: policy.digest, policySource: policy.source,
            tool: input.tool, seed: policy.statistics.seed, evidence: uses, checks: results,
            notChecked: notChecked(results), notes: notes, next: [])
        judgement.headline = headline(judgement)
        let stopping =
            results.filter { $0.effect == .block } + results.filter { $0.effect == .hold }
        judgement.next = stopping.flatMap(\.next).uniqued()
        if decision == .pass {
            judgement.next = ["assay promote \(input.candidate.short) --to \(input.stage.name)"]
        }
        return judgement
    }

    private func decide(_ results: [CheckResult]) -> Judgement.Decision {
        // While production is not reproduced here, nothing else that was seen can be trusted.
        if results.contains(where: Self.isBrokenIdentity) { return .hold }
        if results.contains(where: { $0.effect == .block }) { return .blocked }
        if results.contains(where: { $0.effect == .hold }) { return .hold }
        // Undecided and failed checks that only warn, or that the stage lets by, prove nothing.
        return results.contains { $0.outcome == .pass } ? .pass : .hold
    }

    private static func isBrokenIdentity(_ result: CheckResult) -> Bool {
        result.kind == Check.Kind.identity.rawValue && result.outcome == .fail
            && result.effect == .hold
    }

    private func headline(_ judgement: Judgement) -> String {
        let stage = judgement.stage
        let why: String
        switch judgement.decision {
        case .pass:
            let passed = judgement.checks.count { $0.outcome == .pass }
            let warned = judgement.checks.count { $0.effect == .warn }
            let warnings = warned > 0 ? ", \(warned) warned" : ""
            let first = judgement.firstRun ? "; first run, compared with recorded answers" : ""
            return "pass for \(stage): \(passed) of \(judgement.checks.count) checks passed"
                + "\(warnings)\(first)"
        case .blocked:
            why = judgement.checks.filter { $0.effect == .block }.map(\.id).joined(separator: ", ")
        case .hold:
            if judgement.checks.contains(where: Self.isBrokenIdentity) {
                return "hold for \(stage): production is not reproduced here"
            }
            let holding = judgement.checks.filter { $0.effect == .hold }
            guard !holding.isEmpty else { return "hold for \(stage): no check passed" }
            why = holding.map { "\($0.id) (\(Self.words($0.outcome)))" }.joined(separator: ", ")
        }
        return "\(judgement.decision.rawValue) for \(stage): \(why)\(Self.moved(judgement))"
    }

    private static func words(_ outcome: Outcome) -> String {
        outcome == .fail ? "failed" : outcome.rawValue
    }

    private static func moved(_ judgement: Judgement) -> String {
        guard !judgement.firstRun else { return "; first run" }
        guard !judgement.changed.isEmpty else { return "; no component changed" }
        let parts = judgement.changed.map { name in
            judgement.changes[name].map { "\(name) (\($0))" } ?? name
        }
        return "; changed: \(parts.joined(separator: ", "))"
    }

    private var missingBaseline: CheckResult {
        CheckResult(
            id: "baseline", kind: "baseline", capture: nil, line: 1, outcome: .fail, effect: .block,
            reason: "no bundle is promoted to compare with, and the policy does not allow a first "
                + "run (`baseline.if_missing`)", findings: [], fields: [], details: [],
            examples: [], next: [])
    }

    private var uses: [Judgement.EvidenceUse] {
        input.policy.captures(of: input.stage).compactMap { rule in
            guard let use = input.evidence[rule.ref] else { return nil }
            let evidence = use.evidence
            return Judgement.EvidenceUse(
                name: rule.name, ref: rule.ref, digest: use.digest, capture: evidence.capture.id,
                exchanges: evidence.capture.exchanges, chosen: evidence.capture.chosen,
                sessions: evidence.capture.sessions, replayed: evidence.ledger.replayed,
                compared: evidence.ledger.compared, errored: evidence.ledger.errored,
                unmatched: evidence.ledger.unmatched, supplied: evidence.supplied?.digest)
        }
    }

    private func notChecked(_ results: [CheckResult]) -> [String: [String]] {
        var missed: [String: [String]] = [:]
        let evaluated: Set<Outcome> = [.pass, .fail, .undecided]
        let response = results.contains {
            $0.kind == Check.Kind.response.rawValue && evaluated.contains($0.outcome)
        }
        if !response, !changed.isEmpty { missed["components"] = changed.sorted() }
        let running = Set(checks.map(\.id))
        let left = input.policy.checks.map(\.id).filter { !running.contains($0) }
        if !left.isEmpty { missed["checks"] = left }
        var seen: Set<String> = []
        var compared: Set<String> = []
        for rule in input.policy.captures(of: input.stage) {
            for row in input.evidence[rule.ref]?.rows ?? [] {
                seen.insert(row.route)
                if row.differences[.effect] != nil { compared.insert(row.route) }
            }
        }
        let routes = seen.subtracting(compared)
        if !routes.isEmpty { missed["routes"] = routes.sorted() }
        return missed
    }

    /// Fields of checks that no answer has: a misspelt one would look at nothing and pass.
    private func fieldNotes(_ capture: String, places: AnswerPlaces?) -> [String] {
        guard let places, places.exchanges > 0 else { return [] }
        return input.policy.checks(of: input.stage).filter { $0.capture == capture }.flatMap {
            check in
            check.fields.filter { places.has($0) == false }.map { field in
                let meant = places.suggestion(for: field).map { "; did you mean `\($0)`?" } ?? ""
                return "\(capture): field `\(field)` of check \(check.id) matched no answer of "
                    + "\(places.exchanges)\(meant)"
            }
        }
    }

    private var notes: [String] {
        var notes: [String] = []
        if isFirstRun {
            notes.append("first run: no baseline, production's recorded answers took its place")
        }
        for rule in input.policy.captures(of: input.stage) {
            guard let use = input.evidence[rule.ref] else { continue }
            if let sample = input.stage.sample, let minimum = rule.minimumRequests,
                sample < minimum
            {
                notes.append(
                    "stage \(input.stage.name) replays a sample of \(sample) requests of "
                        + "\(rule.name), fewer than its min_requests \(minimum)")
            }
            let capture = use.evidence.capture
            if capture.chosen > use.evidence.ledger.replayed {
                notes.append(
                    "\(capture.chosen - use.evidence.ledger.replayed) of \(capture.chosen) chosen "
                        + "exchanges of \(rule.name) were not replayed")
            }
            notes += use.evidence.notes.map { "\(rule.name): \($0)" }
            notes += fieldNotes(rule.name, places: use.evidence.places)
        }
        return notes
    }
}
