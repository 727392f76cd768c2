/// What the text form of a gradient-boosted model says of itself.
struct ModelText: Hashable {
    /// The facts, in the order they are shown.
    let facts: [(name: String, value: String)]

    static func == (left: ModelText, right: ModelText) -> Bool {
        left.facts.elementsEqual(right.facts, by: ==)
    }

    func hash(into hasher: inout Hasher) {
        for fact in facts { hasher.combine(fact.value) }
    }

    /// Reads LightGBM's text form (`Booster.save_model`); `nil` for anything else.
    ///
    /// The header is `tree`, `version=v4`, then `name=value` lines up to the first `Tree=0`.
    init?(lightGBM bytes: [UInt8]) {
        guard bytes.starts(with: "tree\nversion=".utf8) else { return nil }
        let wanted = ["version", "objective", "num_class", "max_feature_idx", "feature_names"]
        var values: [String: String] = [:]
        var trees = 0
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            if line.starts(with: "Tree=".utf8) {
                trees += 1
            } else if trees == 0, let mark = line.firstIndex(of: UInt8(ascii: "=")) {
                let name = String(decoding: line[..<mark], as: UTF8.self)
                values[name] = String(decoding: line[(mark + 1)...], as: UTF8.self)
            }
        }
        var facts = [(name: "trees", value: String(trees))]
        for name in wanted {
            if let value = values[name] { facts.append((name, value)) }
        }
        self.facts = facts
    }

    /// What differs, as lines.
    static func changes(_ old: ModelText, _ new: ModelText) -> [String] {
        let before = Dictionary(old.facts.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        let after = Dictionary(new.facts.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        return ScalarChanges.lines(before, after)
    }
}
