import AssayCore
import AssayEvidence
import AssayReplay
import AssayReports
import AssayStore

/// Browses the groups of evidence and the exchanges of a group.
struct EvidenceView {
    let store: Store
    let digest: Digest
    let evidence: Evidence

    /// The groups of a selection that follow number `after`, at most `limit`, and how many more
    /// there are. Reads the rows of the evidence, if there is a group to look up.
    func details(
        _ selection: GroupSelection, limit: Int, after: Int = 0
    ) throws(AssayError) -> (shown: [GroupDetail], hidden: Int) {
        let all = selection.groups(of: evidence).filter { $0.number > after }
        guard !all.isEmpty else { return ([], 0) }
        let rows = try EvidenceBlobs.rows(evidence, store: store)
        let sizes = try EvidenceBlobs.exampleSizes(of: evidence, store: store)
        let shown = all.prefix(limit).map {
            GroupDetail(number: $0.number, group: $0.group, rows: rows, keptSizes: sizes)
        }
        return (shown, all.count - shown.count)
    }

    /// A page of the exchanges of a group. Throws `.notFound` if there is no group of that number.
    func page(_ number: Int, limit: Int, after: String?) throws(AssayError) -> GroupPage {
        guard evidence.groups.indices.contains(number - 1) else {
            let count = evidence.groups.count
            throw AssayError(
                .notFound, "evidence \(digest.short) has no group \(number)",
                hint: count == 0
                    ? "it found no differences" : "its groups are numbered from 1 to \(count)")
        }
        let rows = try EvidenceBlobs.rows(evidence, store: store)
        let detail = GroupDetail(
            number: number, group: evidence.groups[number - 1], rows: rows,
            keptSizes: try EvidenceBlobs.exampleSizes(of: evidence, store: store))
        return try GroupPage(detail, evidence: digest, rows: rows, limit: limit, after: after)
    }

    /// The report of the groups for people, or the JSON document of a selection.
    func show(
        _ selection: GroupSelection, limit: Int, after: Int, output: Output
    ) throws(AssayError) {
        let found = try details(selection, limit: limit, after: after)
        guard output.isJSON else {
            EvidenceReport(
                evidence, digest: digest, style: output.style, groups: found.shown,
                hidden: found.hidden
            ).lines.forEach(output.result)
            return
        }
        output.result([
            "evidence": JSONValue(digest), "groups": .array(found.shown.map(\.json)),
            "more": JSONValue(found.hidden),
        ])
    }
}
