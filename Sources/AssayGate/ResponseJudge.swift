import AssayCore
import AssayEvidence
import AssayStatistics

/// How many of the candidate's answers differ from the baseline's because of the change?
///
/// A difference counts as certain when fresh processes confirmed it, and not at all when they showed
/// it to be noise. One that was not sent again is possible; where at least thirty others of its group
/// were sent and every one was confirmed, it is certain too.
struct ResponseJudge {
    let check: Check
    let confidence: Double
    let replay: JudgeInput.Replayed

    private struct GroupKey: Hashable {
        let route: String, path: String, kind: Difference.Kind
    }

    func judge(_ result: inout CheckResult) {
        guard let limit = check.limit else { return }
        let uniform = uniformGroups()
        var noise = 0
        var rows: [(row: ShareJudge.Row, slices: [String: String])] = []
        for outcome in replay.rows {
            guard let differences = outcome.differences[.effect] else { continue }
            var isCertain = false
            var isPossible = false
            for difference in differences where isWanted(difference) {
                let said =
                    outcome.confirmations[difference.path]
                    ?? outcome.confirmations[difference.aggregatePath] ?? .notSent
                switch said {
                case .noise: noise += 1
                case .confirmed: isCertain = true
                case .notSent:
                    isPossible = true
                    let key = GroupKey(
                        route: outcome.route, path: difference.aggregatePath, kind: difference.kind)
                    if uniform.contains(key) { isCertain = true }
                }
            }
            rows.append(
                (
                    .init(
                        session: outcome.session, isCertain: isCertain,
                        isPossible: isCertain || isPossible), outcome.slices
                ))
        }
        result.noise = noise
        let judge = ShareJudge(confidence: confidence)
        judge.judge(rows.map(\.row), limit: limit, into: &result)
        if result.outcome == .missing {
            result.reason = "no answer of the candidate could be compared"
            return
        }
        let groups = replay.evidence.groups.filter {
            $0.comparison == .effect && $0.noise < $0.count
                && isWanted(Difference(path: $0.path, kind: $0.kind, old: nil, new: nil))
        }
        result.fields = FieldTable(groups: groups, total: rows.count, confidence: confidence).fields
        result.examples = Array(
            groups.sorted { ($0.kind, -$0.count) < ($1.kind, -$1.count) }
                .flatMap(\.examples).prefix(5))
        if let slices = check.slices { judgeSlices(slices, rows, judge, &result) }
    }

    /// A check is as bad as its worst slice. Slices below ten requests are pooled.
    private func judgeSlices(
        _ slices: Check.Slices, _ rows: [(row: ShareJudge.Row, slices: [String: String])],
        _ judge: ShareJudge, _ result: inout CheckResult
    ) {
        var found: [CheckResult] = []
        for field in slices.fields {
            var members: [String: [ShareJudge.Row]] = [:]
            for (row, values) in rows {
                if let value = values[field] { members[value, default: []].append(row) }
            }
            let small = members.filter { $0.value.count < 10 }.map(\.key)
            if small.count > 1 {
                let pooled = small.sorted().flatMap { members.removeValue(forKey: $0) ?? [] }
                members["others (\(small.count))"] = pooled
            }
            for (value, sliceRows) in members.sorted(by: { $0.key < $1.key }) {
                var slice = CheckResult(check)
                slice.slice = "\(field)=\(value)"
                slice.limit = slices.limit.text
                judge.judge(sliceRows, limit: slices.limit, into: &slice)
                found.append(slice)
            }
        }
        guard result.outcome != .fail, !found.isEmpty else { return }
        let adjusted = MultipleTests.benjaminiHochberg(found.map { $0.p ?? 1 })
        for index in found.indices where found[index].outcome == .fail {
            if adjusted[index] > (1 - confidence) / 2 { found[index].outcome = .undecided }
        }
        // Among slices only a certain failure takes the place of the whole.
        let failed = zip(found, adjusted).filter { $0.0.outcome == .fail }.min { $0.1 < $1.1 }
        if let (worst, value) = failed {
            let fields = result.fields
            let examples = result.examples
            result = worst
            result.p = value
            result.fields = fields
            result.examples = examples
        }
    }

    private func uniformGroups() -> Set<GroupKey> {
        Set(
            replay.evidence.groups.filter {
                $0.comparison == .effect && $0.noise == 0 && $0.confirmed >= 30
            }.map { GroupKey(route: $0.route, path: $0.path, kind: $0.kind) })
    }

    private func isWanted(_ difference: Difference) -> Bool {
        guard case .response(let pointers) = check.kind, !pointers.isEmpty else { return true }
        // A lost answer, a vanished member or another type is a difference at any place.
        if difference.kind == .status { return true }
        return pointers.contains { Self.matches($0, difference.path) }
    }

    /// Whether a path is at or beneath a pointer with `*`.
    static func matches(_ pointer: String, _ path: String) -> Bool {
        guard let wanted = JSONPointer.tokens(pointer), let given = JSONPointer.tokens(path),
            given.count >= wanted.count
        else { return false }
        return zip(wanted, given).allSatisfy { $0 == "*" || $1 == "*" || $0 == $1 }
    }
}
