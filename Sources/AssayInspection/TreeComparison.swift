import AssayCore

/// Compares two models of trees.
enum TreeComparison {
    static func difference(_ old: TreeEnsemble, _ new: TreeEnsemble) -> ContentDifference {
        let shared = min(old.trees.count, new.trees.count)
        var equal = 0
        var releaved: [Int] = []
        var restructured: [Int] = []
        var largest = 0.0
        var squares = 0.0
        var leaves = 0
        for index in 0..<shared {
            let (a, b) = (old.trees[index], new.trees[index])
            if a == b {
                equal += 1
            } else if a.structure == b.structure, a.leaves.count == b.leaves.count {
                releaved.append(index)
                for (before, after) in zip(a.leaves, b.leaves) {
                    largest = max(largest, abs(after - before))
                    squares += (after - before) * (after - before)
                }
                leaves += a.leaves.count
            } else {
                restructured.append(index)
            }
        }
        let difference = new.trees.count - old.trees.count
        let facts = FactChanges(old.facts, new.facts)
        var parts = [
            difference == 0
                ? "\(new.trees.count.grouped) trees in both"
                : "\(old.trees.count.grouped) → \(new.trees.count.grouped) trees"
        ]
        if equal == shared, difference == 0 {
            parts.append("every tree equal")
        } else {
            parts.append("\(equal.grouped) equal")
        }
        if !releaved.isEmpty { parts.append("\(releaved.count.grouped) with other leaf values") }
        if !restructured.isEmpty { parts.append("\(restructured.count.grouped) of other splits") }
        if !facts.lines.isEmpty {
            parts.append(
                "\(facts.lines.count) \(facts.lines.count == 1 ? "setting" : "settings") changed")
        }
        var lines: [String] = []
        if let first = (releaved + restructured).min() {
            lines.append("the first tree that differs is tree \(first)")
        }
        let root = leaves > 0 ? (squares / Double(leaves)).squareRoot() : 0
        if leaves > 0 {
            lines.append(
                "leaf values of trees with equal splits moved by \(root.brief) (root mean square), at most \(largest.brief)"
            )
        }
        let (normOld, normNew) = (norm(old), norm(new))
        if normOld != normNew {
            lines.append("norm of all leaf values: \(normOld.brief) → \(normNew.brief)")
        }
        lines += facts.lines
        return ContentDifference(
            kind: .trees, headline: "\(new.format), " + parts.joined(separator: ", "), lines: lines,
            document: [
                "format": JSONValue(new.format), "old_trees": JSONValue(old.trees.count),
                "new_trees": JSONValue(new.trees.count), "equal": JSONValue(equal),
                "other_leaves": JSONValue(releaved.count),
                "other_splits": JSONValue(restructured.count),
                "largest_leaf_step": .double(largest), "leaf_step_rms": .double(root),
                "old_leaf_norm": .double(normOld), "new_leaf_norm": .double(normNew),
                "settings": facts.document,
            ])
    }

    private static func norm(_ ensemble: TreeEnsemble) -> Double {
        var sum = 0.0
        for tree in ensemble.trees { for leaf in tree.leaves { sum += leaf * leaf } }
        return sum.squareRoot()
    }
}
