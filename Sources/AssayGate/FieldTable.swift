import AssayEvidence
import AssayStatistics

/// Fields that differ, from the groups of evidence, heaviest first.
struct FieldTable {
    let groups: [Evidence.Group]
    let total: Int
    let confidence: Double

    var fields: [CheckResult.Field] {
        let sorted = groups.sorted { ($0.kind, -$0.count, $0.path) < ($1.kind, -$1.count, $1.path) }
        return sorted.prefix(20).map { group in
            let count = group.count - group.noise
            let interval = Proportion.clopperPearson(
                events: Double(count), trials: Double(max(total, 1)), confidence: confidence)
            return .init(
                path: group.path, kind: group.kind.name, count: count,
                share: Double(count) / Double(max(total, 1)), lower: interval.lower,
                upper: interval.upper)
        }
    }
}
