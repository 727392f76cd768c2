import AssayCore
import AssayEvidence

/// Kind `environment`: do candidate and baseline run on the same packages, variables, machine?
enum EnvironmentCheck {
    static func evaluate(_ draft: inout CheckDraft, input: JudgeInput) {
        guard input.baseline != nil else {
            return draft.settle(
                .notApplicable, "first run: there is no baseline environment to compare with")
        }
        let uses = input.policy.captures.compactMap { rule in
            input.evidence[rule.ref].map { (rule: rule, evidence: $0) }
        }
        func fault(_ use: (rule: Policy.CaptureRule, evidence: JudgeInput.CaptureEvidence))
            -> String?
        {
            EvidenceFault.find(in: use.evidence, rule: use.rule, input: input)
        }
        let pair = uses.lazy.compactMap { pair -> (Digest, Evidence.Arm, Evidence.Arm)? in
            let use = pair.evidence
            guard fault(pair) == nil,
                let baseline = use.evidence.arms.first(where: { $0.name == "baseline" }),
                let candidate = use.evidence.arms.first(where: { $0.name == "candidate" }),
                !baseline.environment.isEmpty, !candidate.environment.isEmpty
            else { return nil }
            return (use.digest, baseline, candidate)
        }.first
        guard let (digest, baseline, candidate) = pair else {
            if let fault = uses.lazy.compactMap(fault).first {
                return draft.settle(.unusable, fault)
            }
            return draft.settle(.missing, "no evidence holds the environments of both bundles")
        }
        draft.evidence = digest
        compare(&draft, baseline.environment, candidate.environment, source: input.policy.source)
    }

    private static func compare(
        _ draft: inout CheckDraft, _ left: [String: String], _ right: [String: String],
        source: String
    ) {
        var faults: [String] = []
        var loose: [String] = []
        var compared = 0
        for key in Set(left.keys).union(right.keys).sorted() {
            let rule = draft.check.environment.last { $0.pattern.matches(key) }
            if let rule, rule.level != .ignore { compared += 1 }
            guard left[key] != right[key] else { continue }
            let change = "\(key): \(left[key] ?? "absent") → \(right[key] ?? "absent")"
            guard let rule else {
                loose.append("\(change); no rule covers it")
                continue
            }
            if !rule.level.allows(left[key], right[key]) {
                let place = "\(source):\(rule.line)"
                faults.append("\(change); must agree: \(rule.level.rawValue) (\(place))")
            }
        }
        draft.details = faults + loose
        guard compared > 0 else {
            return draft.settle(.missing, "no rule matches any key of the environments")
        }
        if faults.isEmpty {
            let more = loose.isEmpty ? "" : "; \(loose.count) that no rule covers differ"
            draft.settle(.pass, "\(compared) keys agree\(more)")
        } else {
            let changes = faults.map { $0.split(separator: ";").first.map(String.init) ?? $0 }
            draft.settle(.fail, Words.list(changes, limit: 3))
        }
    }
}
