import AssayCore
import AssayEvidence
import AssayGate
import AssayPromotion
import AssayReplay
import AssayReports
import AssayStore

/// Gathers what a report in one file shows.
struct PageBuilder {
    let store: Store

    /// Groups looked up and examples shown for each evidence.
    private static let groupLimit = 100
    private static let exampleLimit = 8

    /// The contents for a document and a selection of its groups.
    func contents(
        of found: StoredDocument.Opened, selection: GroupSelection
    ) throws -> PageContents {
        let parts = try found.evidence.map {
            try part(digest: $0.digest, evidence: $0.evidence, selection: selection)
        }
        guard let opened = found.verdict else {
            let digest = found.evidence.first?.digest.short ?? ""
            let service = found.evidence.first?.evidence.service ?? ""
            return PageContents(
                title: "evidence \(digest) of \(service)", about: [], judgement: nil, parts: parts)
        }
        return PageContents(
            title: "verdict \(opened.digest.short) of \(opened.judgement.service)",
            about: Self.about(opened, absent: found.absent), judgement: opened.judgement,
            parts: parts)
    }

    /// Who is judged, by which policy, when.
    static func about(_ opened: StoredDocument.OpenVerdict, absent: [Digest]) -> [String] {
        let verdict = opened.verdict
        let judgement = opened.judgement
        let place = verdict.policyCommit.map { "at commit \($0.prefix(12))" } ?? "of a file"
        let baseline = judgement.baseline.map { "baseline \($0.short)" } ?? "no baseline"
        return [
            "candidate \(judgement.candidate.short), \(baseline), stage \(judgement.stage)",
            "policy \(judgement.policySource) \(place), sha256 \(judgement.policy.short)",
            "verdict of \(UTCTime.text(verdict.time)), attempt \(verdict.attempt), not signed",
        ]
            + absent.map {
                "evidence \($0.short) is not in this store; \(StoredDocument.whereabouts(of: $0))"
            }
    }

    private func part(
        digest: Digest, evidence: Evidence, selection: GroupSelection
    ) throws -> PageContents.Part {
        let chosen = selection.groups(of: evidence)
        let rows = chosen.isEmpty ? [] : try EvidenceBlobs.rows(evidence, store: store)
        let sizes = try EvidenceBlobs.exampleSizes(of: evidence, store: store)
        let groups = chosen.prefix(Self.groupLimit).map {
            GroupDetail(number: $0.number, group: $0.group, rows: rows, keptSizes: sizes)
        }
        return PageContents.Part(
            evidence: evidence, digest: digest, groups: groups,
            hidden: chosen.count - groups.count,
            examples: try examples(groups, of: evidence, rows: rows))
    }

    /// The smallest example of each group, once for a comparison, those of the effect first.
    private func examples(
        _ groups: [GroupDetail], of evidence: Evidence, rows: [ExchangeOutcome]
    ) throws -> [AnswerPair] {
        let order: [ExchangeOutcome.Comparison] = [.effect, .identity, .production, .noise]
        let view = ExampleView(store: store, style: TextStyle())
        var pairs: [AnswerPair] = []
        for comparison in order {
            var seen: Set<String> = []
            for detail in groups where detail.group.comparison == comparison {
                guard pairs.count < Self.exampleLimit, let exchange = detail.smallest,
                    seen.insert(exchange).inserted
                else { continue }
                let row = rows.first { $0.exchange == exchange }
                if let pair = try view.pair(
                    exchange, of: evidence, comparison: comparison, row: row)
                {
                    pairs.append(pair)
                }
            }
        }
        return pairs
    }
}
