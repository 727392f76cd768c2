import AssayCoding
public import AssayCore
public import AssayEvidence
import CSimdjson

/// Finds rules that match nothing, by walking answers as a comparison would.
///
/// Apart from comparing, because equal answers are never walked there: a rule is not dead because
/// nothing differed. Feed it a sample of answers; costs a full walk of each.
public struct RuleCoverage: ~Copyable {
    private let rules: ComparisonRules
    private let compiled: CompiledRules
    private let limits: ComparisonLimits
    private let document: JSONDocument
    private var matched: [Int]
    private var deciding: [Int]
    /// How many answers were walked.
    public private(set) var answers = 0

    /// Starts with no answer seen. Throws `.usage` for a rule that cannot be followed.
    public init(
        rules: ComparisonRules, limits: ComparisonLimits = ComparisonLimits()
    ) throws(AssayError) {
        let compiled = try CompiledRules(rules)
        document = try JSONDocument(limits: limits)
        self.rules = rules
        self.limits = limits
        self.compiled = compiled
        matched = Array(repeating: 0, count: rules.rules.count)
        deciding = matched
    }

    /// Walks an answer and counts which rules name a place in it, and which decide there. Throws if
    /// its content encoding cannot be undone; a body that is not JSON has one place, `body`.
    public mutating func observe(_ answer: Answer) throws(AssayError) {
        answers += 1
        note(matching: compiled.status, deciding: compiled.status)
        for field in answer.headers {
            let last = compiled.header(field.name)
            for header in compiled.headers
            where header.name == "*" || Answer.same(header.name, field.name) {
                note(matching: header.rule, deciding: last)
            }
        }
        let body = try ContentDecoder.decode(
            answer.body, encoding: answer.header("content-encoding"), limit: limits.decodedSize)
        var stack = RuleStack(compiled)
        let scope = stack.root()
        guard document.read(body, as: .sniff(body, of: answer)) == nil else {
            note(matching: scope.rule, deciding: scope.rule)
            return
        }
        walk(0, scope, &stack)
    }

    /// Rules that named no place in any answer, in their order.
    public var unmatched: [ComparisonRules.Rule] {
        indices { matched[last($0)] == 0 && isComparedHere($0) }
    }

    /// Rules that named places but never decided, because a later rule did at every one of them.
    public var overruled: [ComparisonRules.Rule] {
        indices { matched[last($0)] > 0 && deciding[$0] == 0 }
    }

    private func indices(_ isIncluded: (Int) -> Bool) -> [ComparisonRules.Rule] {
        rules.rules.indices.filter(isIncluded).map { rules.rules[$0] }
    }

    /// The last rule with the same pointer, which is the one that the trie holds.
    private func last(_ index: Int) -> Int {
        rules.rules.lastIndex { $0.pointer == rules.rules[index].pointer } ?? index
    }

    /// How many places of a rule's pointer, or places beneath, it decided.
    public func places(ofRule index: Int) -> Int { deciding[index] }

    private func isComparedHere(_ index: Int) -> Bool {
        !rules.rules[index].pointer.hasPrefix("egress:")
    }

    private mutating func note(matching rule: Int32, deciding last: Int32) {
        if rule >= 0 { matched[Int(rule)] += 1 }
        if last >= 0, last == rule { deciding[Int(last)] += 1 }
    }

    private mutating func walk(_ index: Int, _ scope: RuleScope, _ stack: inout RuleStack) {
        for place in scope.active {
            let rule = compiled.nodes[Int(stack.places[place])].rule
            if rule >= 0 { matched[Int(rule)] += 1 }
        }
        if scope.rule >= 0 { deciding[Int(scope.rule)] += 1 }
        let view = unsafe document.view
        let node = unsafe view.nodes[index]
        let kind = JSONWalk.Kind(node.kind)
        var child = index + 1
        var count = 0
        while child < Int(node.next) {
            let inner: RuleScope
            switch kind {
            case .object:
                let name = unsafe view.nodes[child]
                inner = unsafe stack.member(of: scope, name: view.text(name), hash: name.hash)
                child += 1
            default: inner = stack.element(of: scope, at: count)
            }
            walk(child, inner, &stack)
            stack.leave(inner)
            count += 1
            child = unsafe Int(view.nodes[child].next)
        }
    }
}
