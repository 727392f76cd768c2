public import AssayCore
import AssayEvidence
import AssayStatistics

/// Judges evidence by a policy. Pure: no clock, no randomness, no files.
public enum Judge {
    /// Runs the checks of the stage and sums them up.
    ///
    /// Throws `.damaged` for evidence whose counts do not add up. Costs a pass over the rows for each
    /// check that reads them.
    public static func judge(_ input: JudgeInput) throws(AssayError) -> Judgement {
        for (name, replay) in input.replays.sorted(by: { $0.key < $1.key }) {
            if let imbalance = replay.evidence.ledger.imbalance {
                throw AssayError(
                    .damaged,
                    "evidence \(replay.digest.short) of capture \(name) does not add up: \(imbalance)"
                )
            }
        }
        let checks = input.policy.checks(for: input.stage)
        var results: [CheckResult] = []
        for check in checks { results.append(result(of: check, input)) }
        correct(&results, confidence: input.policy.confidence)
        for index in results.indices { settle(&results[index], checks[index], input) }
        return sumUp(results, input)
    }

    private static func result(of check: Check, _ input: JudgeInput) -> CheckResult {
        var result = CheckResult(check)
        if let reason = inapplicable(check, input) {
            result.outcome = .notApplicable
            result.reason = reason
            return result
        }
        if case .environment(let rules) = check.kind {
            EnvironmentJudge(rules: rules, input: input).judge(&result)
            return result
        }
        guard let name = check.capture, let replay = input.replays[name] else {
            if case .knownBugs = check.kind {
                result.outcome = .notApplicable
                result.reason = "no known bugs are recorded yet"
            } else {
                result.reason = "capture \(check.capture ?? "") was not replayed"
            }
            return result
        }
        let confidence = input.policy.confidence
        switch check.kind {
        case .identity: IdentityJudge(check: check, input: input, replay: replay).judge(&result)
        case .response, .knownBugs:
            ResponseJudge(check: check, confidence: confidence, replay: replay).judge(&result)
        case .errors:
            ErrorsJudge(check: check, confidence: confidence, replay: replay).judge(&result)
        case .latency(let quantile):
            LatencyJudge(check: check, quantile: quantile, confidence: confidence, replay: replay)
                .judge(&result)
        case .environment: break
        }
        return result
    }

    private static func inapplicable(_ check: Check, _ input: JudgeInput) -> String? {
        let changed = Set(input.changed.keys)
        switch check.condition {
        case nil: return nil
        case .unchanged(let names):
            if input.baseline == nil { return nil }
            let moved = names.filter(changed.contains)
            return moved.isEmpty ? nil : "\(moved.joined(separator: ", ")) changed"
        case .changed(let names):
            if input.baseline == nil { return "there is no baseline to have changed from" }
            return names.contains(where: changed.contains)
                ? nil : "\(names.joined(separator: ", ")) did not change"
        }
    }

    /// Claims of harm are corrected over the checks (Holm); one that does not survive is undecided.
    private static func correct(_ results: inout [CheckResult], confidence: Double) {
        let tested = results.indices.filter { results[$0].p != nil }
        let adjusted = MultipleTests.holm(tested.map { results[$0].p ?? 1 })
        for (index, value) in zip(tested, adjusted) {
            results[index].adjusted = value
            if results[index].outcome == .fail, value > (1 - confidence) / 2 {
                results[index].outcome = .undecided
                results[index].reason += "; not certain once all checks are counted together"
            }
        }
    }

    /// What the outcome does, by the check, the stage and the kind.
    private static func settle(_ result: inout CheckResult, _ check: Check, _ input: JudgeInput) {
        let isSlice = result.slice != nil
        switch result.outcome {
        case .pass, .notApplicable: result.effect = .none
        case .fail:
            // Production that is not reproduced is no fault of the candidate.
            let worst: CheckResult.Effect = check.kind == .identity ? .hold : .block
            result.effect = check.severity == .warn ? .warn : worst
        case .undecided, .void:
            let wanted = isSlice ? check.sliceUndecided : input.stage.undecided ?? check.undecided
            let effect: CheckResult.Effect =
                switch wanted {
                case .hold: .hold
                case .warn: .warn
                case .pass: .none
                case .fail: check.kind == .identity ? .hold : .block
                }
            result.effect = check.severity == .warn && effect != .none ? .warn : effect
        case .missing:
            if check.severity == .warn {
                result.effect = .warn
            } else {
                result.effect = check.missingFails && check.kind != .identity ? .block : .hold
            }
        }
    }

    private static func sumUp(_ results: [CheckResult], _ input: JudgeInput) -> Judgement {
        var notChecked = input.policy.unenforced
        var shortOf: String?
        for (name, replay) in input.replays.sorted(by: { $0.key < $1.key }) {
            let ledger = replay.evidence.ledger
            if ledger.unmatched > 0 {
                notChecked.append(
                    "\(ledger.unmatched) requests of \(name) asked a dependency for what was never recorded"
                )
            }
            if let minimum = input.policy.captures[name]?.minimumRequests {
                if let sample = input.stage.sample {
                    if sample < minimum {
                        notChecked.append(
                            "\(name): the stage takes \(sample) requests, where \(minimum) are asked for otherwise"
                        )
                    }
                } else if replay.evidence.capture.chosen < minimum {
                    shortOf =
                        "\(name) has \(replay.evidence.capture.chosen) requests, at least \(minimum) are asked for"
                }
            }
            // Unanswered dependencies are not the candidate's answers: too many of them decide nothing.
            if ledger.replayed > 0, Double(ledger.unmatched) > 0.01 * Double(ledger.replayed) {
                shortOf =
                    "\(ledger.unmatched) of \(ledger.replayed) requests of \(name) asked a dependency for "
                    + "what was never recorded"
            }
            notChecked += replay.evidence.notes
        }
        if input.baseline == nil {
            notChecked.append(
                "first bundle of the service: compared with production's recorded answers")
        }
        let blocking = results.filter { $0.effect == .block }
        let holding = results.filter { $0.effect == .hold }
        let evaluated = results.filter { ![.notApplicable, .missing].contains($0.outcome) }
        let decision: Judgement.Decision
        var why: String
        if let identity = results.first(where: {
            $0.kind == "identity" && $0.outcome == .fail && $0.effect == .hold
        }) {
            decision = .hold
            why = "production is not reproduced here (\(identity.id))"
        } else if !blocking.isEmpty {
            decision = .blocked
            why = blocking.map(\.id).joined(separator: ", ")
        } else if let shortOf {
            decision = .hold
            why = shortOf
        } else if !holding.isEmpty {
            decision = .hold
            why = holding.map { "\($0.id) is \($0.outcome.rawValue)" }.joined(separator: ", ")
        } else if evaluated.isEmpty {
            decision = .hold
            why = "no check could be made"
        } else {
            decision = .pass
            let passed = evaluated.count { $0.outcome == .pass }
            why = "\(passed) checks passed"
            if passed < evaluated.count { why += ", \(evaluated.count - passed) not decided" }
            let warnings = results.filter { $0.effect == .warn }.map(\.id)
            if !warnings.isEmpty {
                why += ", with warnings from \(warnings.joined(separator: ", "))"
            }
        }
        let verb =
            switch decision {
            case .pass: "passed"
            case .blocked: "blocked"
            case .hold: "on hold"
            }
        return Judgement(
            decision: decision, headline: "\(verb) for \(input.stage.name): \(why)",
            stage: input.stage.name, service: input.service, bundle: input.candidate,
            baseline: input.baseline, isFirstRun: input.baseline == nil, changed: input.changed,
            unchanged: input.unchanged, policy: input.policy.digest,
            policySource: input.policySource,
            tool: input.tool, seed: input.seed,
            evidence: input.replays.sorted { $0.key < $1.key }.map { name, replay in
                .init(
                    capture: name, digest: replay.digest, requests: replay.evidence.capture.chosen,
                    sessions: replay.evidence.capture.sessions)
            }, checks: results, notChecked: notChecked)
    }
}
