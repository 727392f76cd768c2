import AssayEvidence
import CSimdjson

/// Walks two documents side by side and notes where they differ.
///
/// Values with the same bytes are the same without a look inside. Arrays are compared in their
/// order unless a rule pairs their elements otherwise, objects by the names of their members. Costs
/// one pass over what differs; objects whose members stand in different orders cost n log n.
@unsafe struct JSONWalk {
    let old: JSONView
    let new: JSONView
    var found: DifferenceList
    var stack: RuleStack
    var path: [Step] = []

    /// One step of the path to the value at hand.
    enum Step {
        case index(Int)
        /// A member's name: a node of the old document, or of the new one.
        case old(Int), new(Int)
    }

    init(old: JSONView, new: JSONView, rules: CompiledRules, found: DifferenceList) {
        unsafe self.old = old
        unsafe self.new = new
        unsafe self.found = found
        unsafe stack = RuleStack(rules)
    }

    /// Compares the two documents as a whole.
    mutating func run() {
        guard unsafe !same(0, 0) else { return }
        let scope = unsafe stack.root()
        unsafe values(0, 0, scope)
    }

    /// Whether two values have the same bytes.
    func same(_ left: Int, _ right: Int) -> Bool {
        let (a, b) = unsafe (old.nodes[left], new.nodes[right])
        return unsafe a.length == b.length
            && memoryEqual(old.memory + Int(a.offset), new.memory + Int(b.offset), Int(a.length))
    }

    /// Compares two values whose bytes differ.
    mutating func values(_ left: Int, _ right: Int, _ scope: RuleScope) {
        let (a, b) = unsafe (old.nodes[left], new.nodes[right])
        let kinds = (Kind(a.kind), Kind(b.kind))
        switch kinds {
        case (.object, .object): unsafe objects(left, right, scope)
        case (.array, .array): unsafe arrays(left, right, scope)
        case (.number, .number): unsafe numbers(a, b, scope)
        case (.string, .string):
            let same =
                unsafe a.text_length == b.text_length
                && memoryEqual(
                    old.memory + Int(a.text), new.memory + Int(b.text), Int(a.text_length))
            if !same { unsafe strings(a, b, scope) }
        case (.bool, .bool): unsafe note(classes: scope, a, b)
        case (.notFinite, .notFinite): unsafe note(.value, scope, a, b)
        case (.null, .null): break
        default: unsafe note(.retyped, scope, a, b)
        }
    }

    private mutating func numbers(
        _ left: assay_json_node, _ right: assay_json_node, _ scope: RuleScope
    ) {
        let (a, b) = unsafe (old.raw(left), new.raw(right))
        if unsafe Decimal(a) == Decimal(b) { return }
        switch unsafe stack.rules.measure(scope.rule).judge(a, b) {
        case .tolerated: unsafe found.suppress(by: scope.rule)
        case .apart: unsafe note(.value, scope, left, right)
        case .crossed: unsafe note(.decision, scope, left, right)
        }
    }

    private mutating func strings(
        _ left: assay_json_node, _ right: assay_json_node, _ scope: RuleScope
    ) {
        let measure = unsafe stack.rules.measure(scope.rule)
        switch measure {
        case .time, .shape, .text:
            if unsafe measure.tolerates(old.text(left), new.text(right)) {
                unsafe found.suppress(by: scope.rule)
            } else {
                unsafe note(.value, scope, left, right)
            }
        default: unsafe note(classes: scope, left, right)
        }
    }

    /// Steps into an element that may stand on one side only, by its index in the path; `place` is
    /// the index whose rules hold, where that is another.
    mutating func element(
        _ left: Int?, _ right: Int?, at index: Int, underRulesOf place: Int? = nil,
        _ scope: RuleScope
    ) {
        let inner = unsafe stack.element(of: scope, at: place ?? index)
        unsafe path.append(.index(index))
        if let left, let right {
            unsafe values(left, right, inner)
        } else if let left {
            unsafe note(.removed, inner, old.nodes[left], nil)
        } else if let right {
            unsafe note(.added, inner, nil, new.nodes[right])
        }
        unsafe path.removeLast()
        unsafe stack.leave(inner)
    }

    /// Steps into a member that may stand on one side only, by the node of its name.
    mutating func member(_ left: Int?, _ right: Int?, _ scope: RuleScope) {
        if let left, let right, unsafe same(left + 1, right + 1) { return }
        let inner: RuleScope
        if let left {
            let name = unsafe old.nodes[left]
            inner = unsafe stack.member(of: scope, name: old.text(name), hash: name.hash)
            unsafe path.append(.old(left))
        } else if let right {
            let name = unsafe new.nodes[right]
            inner = unsafe stack.member(of: scope, name: new.text(name), hash: name.hash)
            unsafe path.append(.new(right))
        } else {
            return
        }
        if let left, let right {
            unsafe values(left + 1, right + 1, inner)
        } else if let left {
            unsafe note(.removed, inner, old.nodes[left + 1], nil)
        } else if let right {
            unsafe note(.added, inner, nil, new.nodes[right + 1])
        }
        unsafe path.removeLast()
        unsafe stack.leave(inner)
    }
}
