/// The rules that hold at one place of a document, and the places of the trie that may still match
/// beneath it: a stretch of the walk's stack.
struct RuleScope {
    /// The stretch of the stack.
    var active: Range<Int>
    /// The last rule that matches here or above, or -1.
    var rule: Int32
}

/// The stack of trie places along the path of a walk.
struct RuleStack {
    let rules: CompiledRules
    private(set) var places: [Int32] = []

    init(_ rules: CompiledRules) {
        self.rules = rules
        places.reserveCapacity(32)
    }

    /// The scope of a document's root.
    mutating func root() -> RuleScope {
        places.removeAll(keepingCapacity: true)
        places.append(0)
        return RuleScope(active: 0..<1, rule: rules.nodes[0].rule)
    }

    /// The scope of the member whose name has these bytes and this hash.
    mutating func member(
        of scope: RuleScope, name: UnsafeBufferPointer<UInt8>, hash: UInt32
    ) -> RuleScope {
        descend(scope) { rules, edge in
            guard edge.hash == hash, edge.token.count == name.count else { return false }
            return unsafe rules.tokens[edge.token].elementsEqual(name)
        }
    }

    /// The scope of an array's element.
    mutating func element(of scope: RuleScope, at index: Int) -> RuleScope {
        descend(scope) { $1.index == index }
    }

    /// The last rule whose pointer names this very place, or -1.
    func exactRule(_ scope: RuleScope) -> Int32 {
        scope.active.reduce(-1) { max($0, rules.nodes[Int(places[$1])].rule) }
    }

    /// Goes back to how deep the stack was when a scope was given out.
    mutating func leave(_ scope: RuleScope) {
        places.removeLast(places.count - scope.active.lowerBound)
    }

    private mutating func descend(
        _ scope: RuleScope, _ matches: (CompiledRules, CompiledRules.Edge) -> Bool
    ) -> RuleScope {
        let start = places.count
        var rule = scope.rule
        for position in scope.active {
            let node = rules.nodes[Int(places[position])]
            if node.star >= 0 {
                places.append(node.star)
                rule = max(rule, rules.nodes[Int(node.star)].rule)
            }
            for edge in node.edges where matches(rules, rules.edges[edge]) {
                let child = rules.edges[edge].child
                places.append(child)
                rule = max(rule, rules.nodes[Int(child)].rule)
                break
            }
        }
        return RuleScope(active: start..<places.count, rule: rule)
    }
}
