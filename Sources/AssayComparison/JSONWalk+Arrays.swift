import AssayCore
import AssayEvidence
import CSimdjson

extension JSONWalk {
    /// Compares two arrays whose bytes differ, paired as the rule at their very place says.
    mutating func arrays(_ left: Int, _ right: Int, _ scope: RuleScope) {
        if case .cosine(let minimum) = unsafe stack.rules.measure(scope.rule),
            let similarity = unsafe cosine(left, right)
        {
            if similarity >= minimum { return unsafe found.suppress(by: scope.rule) }
            return unsafe note(.value, scope, old.nodes[left], new.nodes[right])
        }
        let rule = unsafe stack.exactRule(scope)
        switch unsafe rule < 0 ? .ordered : stack.rules.pairings[Int(rule)] {
        case .ordered: unsafe orderedArrays(left, right, scope)
        case .multiset: unsafe multisets(left, right, scope)
        case .keyed(let key): unsafe keyedArrays(left, right, key: key, scope)
        case .ranked(let top, let overlap, let key):
            if unsafe shared(left, right, top: top, key: key) >= overlap {
                unsafe found.suppress(by: rule)
            } else {
                unsafe note(.value, scope, old.nodes[left], new.nodes[right])
            }
        }
    }

    /// By index. Where each element is there again elsewhere, that is told instead, once.
    private mutating func orderedArrays(_ left: Int, _ right: Int, _ scope: RuleScope) {
        let isReordered = unsafe isPermutation(left, right)
        let before = unsafe isReordered ? found : nil
        unsafe inOrder(left, right, scope)
        guard let before, unsafe found.count > before.count else { return }
        unsafe found = before
        unsafe note(.order, scope, old.nodes[left], new.nodes[right])
    }

    private mutating func inOrder(_ left: Int, _ right: Int, _ scope: RuleScope) {
        var (a, b) = (left + 1, right + 1)
        let (endA, endB) = unsafe (Int(old.nodes[left].next), Int(new.nodes[right].next))
        var index = 0
        while a < endA || b < endB {
            if unsafe a >= endA || b >= endB || !same(a, b) {
                unsafe element(a < endA ? a : nil, b < endB ? b : nil, at: index, scope)
            }
            if a < endA { a = unsafe Int(old.nodes[a].next) }
            if b < endB { b = unsafe Int(new.nodes[b].next) }
            index += 1
        }
    }

    /// By key; elements of the old array lead, and stand at their old index in the path.
    private mutating func keyedArrays(
        _ left: Int, _ right: Int, key: [[UInt8]], _ scope: RuleScope
    ) {
        guard let first = unsafe keys(of: left, in: old, key),
            let second = unsafe keys(of: right, in: new, key)
        else {
            unsafe found.note(
                "elements of \(pointer) were compared by index: their key does not tell them apart")
            return unsafe orderedArrays(left, right, scope)
        }
        let partners = Dictionary(uniqueKeysWithValues: second.map { ($0.key, $0.node) })
        var matched: Set<Int> = []
        for (index, item) in first.enumerated() {
            let partner = partners[item.key]
            if let partner { matched.insert(partner) }
            if let partner, unsafe same(item.node, partner) { continue }
            unsafe element(item.node, partner, at: index, scope)
        }
        for (index, item) in second.enumerated() where !matched.contains(item.node) {
            unsafe element(nil, item.node, at: index, scope)
        }
    }

    /// Each with any that the rules let pass as the same. Elements with the same values first; what is
    /// left is tried in turn, at most `trialLimit` on a side, else it counts as gone and new.
    private mutating func multisets(_ left: Int, _ right: Int, _ scope: RuleScope) {
        var rest = unsafe elements(of: left, in: old).enumerated()
            .map { (index: $0.offset, node: $0.element) }
        var others = unsafe elements(of: right, in: new).enumerated()
            .map { (index: $0.offset, node: $0.element) }
        // Most have the same bytes; only what is left is looked at closely.
        unsafe Self.pair(
            &rest, &others, { Array(old.raw(old.nodes[$0])) }, { Array(new.raw(new.nodes[$0])) })
        unsafe Self.pair(
            &rest, &others, { old.identity(of: $0) }, { new.identity(of: $0) })
        let tries = rest.count <= Self.trialLimit && others.count <= Self.trialLimit
        for (index, node) in rest {
            let place = tries ? others.firstIndex { unsafe passes(node, $0.node, scope) } : nil
            if let place {
                others.remove(at: place)
            } else {
                unsafe element(node, nil, at: index, scope)
            }
        }
        for (index, node) in others { unsafe element(nil, node, at: index, scope) }
    }

    private static var trialLimit: Int { 64 }

    /// Takes out of both sides the elements that have the same key, one for one.
    private static func pair(
        _ left: inout [(index: Int, node: Int)], _ right: inout [(index: Int, node: Int)],
        _ leftKey: (Int) -> [UInt8], _ rightKey: (Int) -> [UInt8]
    ) {
        guard !left.isEmpty, !right.isEmpty else { return }
        var waiting: [[UInt8]: [Int]] = [:]
        for (_, node) in right.reversed() { waiting[rightKey(node), default: []].append(node) }
        var taken: Set<Int> = []
        left.removeAll { element in
            guard let partner = waiting[leftKey(element.node)]?.popLast() else { return false }
            taken.insert(partner)
            return true
        }
        right.removeAll { taken.contains($0.node) }
    }

    /// An index that only `*` in a rule stands for: no array is so long.
    private static var anyIndex: Int { .max }

    /// Whether two elements are the same under the rules for any element; what they suppress is then
    /// counted. Rules for one index do not hold here, since the elements' places say nothing.
    private mutating func passes(_ left: Int, _ right: Int, _ scope: RuleScope) -> Bool {
        let before = unsafe found
        unsafe found.forget()
        unsafe element(left, right, at: 0, underRulesOf: Self.anyIndex, scope)
        guard unsafe found.count == 0 else {
            unsafe found = before
            return false
        }
        unsafe found = before
        unsafe element(left, right, at: 0, underRulesOf: Self.anyIndex, scope)
        return true
    }

    /// The share of the first `top` elements of the old array that stand among those of the new one.
    private func shared(_ left: Int, _ right: Int, top: Int, key: [[UInt8]]) -> Double {
        func leading(_ array: Int, _ view: JSONView) -> [[UInt8]] {
            unsafe elements(of: array, in: view).prefix(top).map { node in
                unsafe view.identity(of: child(of: node, in: view, key) ?? node)
            }
        }
        let first = unsafe leading(left, old)
        var second: [[UInt8]: Int] = [:]
        for element in unsafe leading(right, new) { second[element, default: 0] += 1 }
        let most = max(first.count, second.values.reduce(0, +))
        guard most > 0 else { return 1 }
        var count = 0
        for element in first where second[element, default: 0] > 0 {
            second[element, default: 0] -= 1
            count += 1
        }
        return Double(count) / Double(most)
    }

    /// The cosine of two arrays of numbers of the same length; `nil` for other arrays. Two arrays of
    /// zeros alone are the same; one of them, or with a number beyond doubles, is like nothing.
    private func cosine(_ left: Int, _ right: Int) -> Double? {
        let (a, b) = unsafe (elements(of: left, in: old), elements(of: right, in: new))
        guard a.count == b.count, !a.isEmpty, let first = unsafe vector(a, old),
            let second = unsafe vector(b, new)
        else { return nil }
        let longest = (
            first.reduce(0) { max($0, $1.magnitude) }, second.reduce(0) { max($0, $1.magnitude) }
        )
        if longest == (0, 0) { return 1 }
        guard longest.0 > 0, longest.1 > 0, longest.0.isFinite, longest.1.isFinite else {
            return -1
        }
        // Against the largest, so that no square leaves the range of doubles.
        var (product, left, right) = (0.0, 0.0, 0.0)
        for (x, y) in zip(first, second) {
            let (u, v) = (x / longest.0, y / longest.1)
            product += u * v
            left += u * u
            right += v * v
        }
        return product / (left * right).squareRoot()
    }

    /// The numbers of these nodes; `nil` if one is no number.
    private func vector(_ elements: [Int], _ view: JSONView) -> [Double]? {
        var numbers: [Double] = []
        numbers.reserveCapacity(elements.count)
        for element in elements {
            let node = unsafe view.nodes[element]
            guard node.kind == ASSAY_JSON_NUMBER.rawValue else { return nil }
            numbers.append(unsafe ComparisonRules.Measure.double(view.raw(node)))
        }
        return numbers
    }

    /// Whether the new array has the old one's elements, byte for byte, in another order.
    private func isPermutation(_ left: Int, _ right: Int) -> Bool {
        let (a, b) = unsafe (old.nodes[left], new.nodes[right])
        guard a.count == b.count, a.count > 1 else { return false }
        let first = unsafe elements(of: left, in: old).map { unsafe old.raw(old.nodes[$0]) }
        let second = unsafe elements(of: right, in: new).map { unsafe new.raw(new.nodes[$0]) }
        func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
            guard let base = bytes.baseAddress else { return 0 }
            return unsafe UInt64(assay_json_hash(base, bytes.count))
        }
        let sums = unsafe (
            first.reduce(0) { unsafe $0 &+ hash($1) }, second.reduce(0) { unsafe $0 &+ hash($1) }
        )
        guard sums.0 == sums.1 else { return false }
        var counts: [[UInt8]: Int] = [:]
        for bytes in unsafe first { unsafe counts[Array(bytes), default: 0] += 1 }
        for bytes in unsafe second { unsafe counts[Array(bytes), default: 0] -= 1 }
        return counts.values.allSatisfy { $0 == 0 }
    }

    /// The nodes of an array's elements.
    private func elements(of array: Int, in view: JSONView) -> [Int] {
        let end = unsafe Int(view.nodes[array].next)
        var nodes: [Int] = []
        unsafe nodes.reserveCapacity(Int(view.nodes[array].count))
        var node = array + 1
        while node < end {
            nodes.append(node)
            node = unsafe Int(view.nodes[node].next)
        }
        return nodes
    }

    /// The elements of an array by their keys' values; `nil` unless each has one of its own.
    private func keys(
        of array: Int, in view: JSONView, _ key: [[UInt8]]
    ) -> [(key: [UInt8], node: Int)]? {
        var seen: Set<[UInt8]> = []
        var items: [(key: [UInt8], node: Int)] = []
        for node in unsafe elements(of: array, in: view) {
            guard let value = unsafe child(of: node, in: view, key) else { return nil }
            let identity = unsafe view.identity(of: value)
            guard seen.insert(identity).inserted else { return nil }
            items.append((identity, node))
        }
        return items
    }

    /// The value at a pointer beneath a node, through objects; the node itself for an empty pointer.
    private func child(of node: Int, in view: JSONView, _ tokens: [[UInt8]]) -> Int? {
        var place = node
        for token in tokens {
            guard unsafe view.nodes[place].kind == ASSAY_JSON_OBJECT.rawValue else { return nil }
            let end = unsafe Int(view.nodes[place].next)
            var name = place + 1
            var next: Int?
            while name < end, next == nil {
                if unsafe view.text(view.nodes[name]).elementsEqual(token) { next = name + 1 }
                name = unsafe Int(view.nodes[name + 1].next)
            }
            guard let next else { return nil }
            place = next
        }
        return place
    }
}
