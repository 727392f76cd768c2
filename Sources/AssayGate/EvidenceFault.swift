import AssayCore
import AssayEvidence

/// What makes evidence unusable: it contradicts itself, or is about something else.
enum EvidenceFault {
    /// The first fault in words; `nil` when there is none. Costs one pass over the rows.
    static func find(
        in use: JudgeInput.CaptureEvidence, rule: Policy.CaptureRule, input: JudgeInput
    ) -> String? {
        let evidence = use.evidence
        if let pinned = rule.id, evidence.capture.id != pinned {
            return "the evidence is of capture \(evidence.capture.id.short), but the policy pins "
                + "\(pinned.short) as `\(rule.name)`"
        }
        if evidence.service != input.service {
            return "the evidence is of service `\(evidence.service)`, not `\(input.service)`"
        }
        let arms = Dictionary(evidence.arms.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        guard let candidate = arms["candidate"] else { return "the evidence has no candidate arm" }
        if candidate.bundle != input.candidate {
            return "the evidence is of bundle \(candidate.bundle?.short ?? "unknown"), not "
                + input.candidate.short
        }
        if let baseline = input.baseline {
            guard let arm = arms["baseline"] else {
                return "the evidence has no baseline arm, but \(baseline.short) is promoted"
            }
            if arm.bundle != baseline {
                return "the evidence compares with \(arm.bundle?.short ?? "an unknown bundle"), "
                    + "but \(baseline.short) is promoted"
            }
        } else if arms["baseline"] != nil {
            return "the evidence has a baseline arm, but nothing is promoted"
        }
        if evidence.rules.unlined != input.policy.comparisonRules.unlined {
            return "the evidence was compared under other rules than this policy's `compare`"
        }
        if let imbalance = evidence.ledger.imbalance {
            return "the evidence is damaged: \(imbalance)"
        }
        if use.rows.count < evidence.ledger.compared {
            return "the evidence is damaged: \(evidence.ledger.compared) exchanges were compared "
                + "and \(use.rows.count) rows are there"
        }
        var seen: Set<String> = []
        for row in use.rows where !seen.insert(row.exchange).inserted {
            return "the evidence is damaged: exchange \(row.exchange) has two rows"
        }
        return nil
    }
}
