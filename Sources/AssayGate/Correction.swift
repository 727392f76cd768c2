import AssayStatistics
import Glibc

/// Decides findings: intervals against limits, and claims of harm after all corrections.
///
/// Simes over the findings of a check, Holm over the checks, Benjamini-Hochberg inside the
/// rejected ones. To be safe asks every interval to lie within, which needs no correction.
enum Correction {
    static func apply(to drafts: inout [CheckDraft], confidence: Double) {
        let alpha = 1 - confidence
        var tested: [(check: Int, findings: [Int], p: [Double])] = []
        for index in drafts.indices {
            let places = drafts[index].findings.indices.filter {
                drafts[index].findings[$0].finding.unit != .count
            }
            guard !places.isEmpty else { continue }
            let p = places.map { pValue(drafts[index].findings[$0]) }
            tested.append((index, places, p))
        }
        // Identity holds and never blames: it is tested by itself, beside the family.
        let family = tested.indices.filter { drafts[tested[$0].check].check.kind != .identity }
        let holm = Multiplicity.holm(family.map { Multiplicity.simes(tested[$0].p) })
        var byCheck = tested.map { Multiplicity.simes($0.p) }
        for (place, index) in family.enumerated() { byCheck[index] = holm[place] }
        for (index, group) in tested.enumerated() {
            let inside = Multiplicity.benjaminiHochberg(group.p)
            for (place, finding) in group.findings.enumerated() {
                decide(
                    &drafts[group.check].findings[finding], p: group.p[place],
                    adjusted: min(1, max(inside[place], byCheck[index])), alpha: alpha)
            }
        }
        for check in drafts.indices {
            for finding in drafts[check].findings.indices
            where drafts[check].findings[finding].finding.unit == .count {
                drafts[check].findings[finding].show(at: confidence, scale: 1)
            }
        }
    }

    private static func pValue(_ draft: FindingDraft) -> Double {
        guard let interval = draft.interval else { return 1 }
        return IntervalTest.pValue(above: draft.finding.limit, interval: interval)
    }

    private static func decide(
        _ draft: inout FindingDraft, p: Double, adjusted: Double, alpha: Double
    ) {
        guard let interval = draft.interval else { return }
        let nominal = interval(1 - alpha)
        draft.isSafe = nominal.upper <= draft.finding.limit
        draft.isHarm = !draft.isSafe && adjusted <= alpha
        draft.finding.p = Rounding.significant(p)
        draft.finding.pAdjusted = Rounding.significant(adjusted)
        // At this level the interval leaves the limit exactly where the corrected test rejects.
        let level = draft.isHarm && adjusted > 0 ? alpha * p / adjusted : alpha
        draft.show(at: 1 - level, scale: 1)
    }
}

extension FindingDraft {
    /// Writes the interval at a confidence into the finding; open ends stay out.
    mutating func show(at confidence: Double, scale: Double) {
        guard let interval = interval?(confidence) else { return }
        finding.lower = interval.lower.isFinite ? Rounding.significant(interval.lower) : nil
        finding.upper = interval.upper.isFinite ? Rounding.significant(interval.upper) : nil
        finding.confidence = Rounding.significant(confidence)
        finding.baseline = finding.baseline.map(Rounding.significant)
        finding.candidate = finding.candidate.map(Rounding.significant)
        finding.delta = finding.delta.map(Rounding.significant)
        finding.noise = finding.noise.map(Rounding.significant)
    }
}

/// Rounds what a judgement stores, so that the last bits of a mathematics library do not show.
enum Rounding {
    /// Nine significant digits.
    static func significant(_ number: Double) -> Double {
        guard number.isFinite, number != 0 else { return number }
        let scale = pow(10, 8 - log10(number.magnitude).rounded(.down))
        guard scale.isFinite, scale > 0 else { return number }
        return (number * scale).rounded() / scale
    }
}
