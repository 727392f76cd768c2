import AssayCore
import AssayEvidence
import CSimdjson

/// Comparison rules as a trie of pointers, laid out flat so that a walk allocates nothing.
struct CompiledRules: Sendable {
    /// A place in the trie: its edges, the child for `*`, and the last rule that stands here.
    struct Node: Sendable {
        var edges: Range<Int> = 0..<0
        var star: Int32 = -1
        var rule: Int32 = -1
    }

    /// A way down by a member's name, which may also be an array's index.
    struct Edge: Sendable {
        var token: Range<Int>
        var hash: UInt32
        var index: Int
        var child: Int32
    }

    private(set) var nodes: [Node] = []
    private(set) var edges: [Edge] = []
    private(set) var tokens: [UInt8] = []
    let measures: [ComparisonRules.Measure]
    let pairings: [ArrayPairing]
    let pointers: [String]
    /// The last rule for `status`, or -1.
    private(set) var status: Int32 = -1
    /// The rules for headers in their order; `*` stands for any name.
    private(set) var headers: [(name: String, rule: Int32)] = []

    /// Compiles rules. Throws `.usage`, naming the rule, for a place that cannot be.
    init(_ rules: ComparisonRules) throws(AssayError) {
        measures = rules.rules.map(\.measure)
        pairings = try rules.rules.map { rule throws(AssayError) in try ArrayPairing(rule) }
        pointers = rules.rules.map(\.pointer)
        var root = Draft()
        for (index, rule) in rules.rules.enumerated() {
            try Self.check(rule)
            let number = Int32(index)
            if rule.pointer == "status" {
                status = number
            } else if rule.pointer.hasPrefix("header:") {
                headers.append((String(rule.pointer.dropFirst(7)), number))
            } else if rule.pointer.hasPrefix("egress:") {
                throw AssayError(
                    .usage,
                    "rule \"\(rule.pointer)\" would do nothing: what is asked of dependencies is "
                        + "compared as it is", hint: "leave it out")
            } else if rule.pointer == "body" {
                root.rule = number
            } else if let tokens = JSONPointer.tokens(rule.pointer) {
                root.add(rule: number, at: tokens[...])
            } else {
                throw AssayError(
                    .usage, "rule \"\(rule.pointer)\" names no place",
                    hint:
                        "write a JSON Pointer such as /items/*/score, status, body or header:<name>"
                )
            }
        }
        layOut(root)
    }

    private static func check(_ rule: ComparisonRules.Rule) throws(AssayError) {
        if rule.pointer == "status" {
            switch rule.measure {
            case .exact, .ignore: break
            default: throw AssayError(.usage, "rule \"status\" can be exact, or ignore it")
            }
        } else if rule.pointer.hasPrefix("header:") {
            try checkHeader(rule)
        }
        switch rule.measure {
        case .exact, .ignore, .shape, .text: return
        case .ulp(let count, let bits):
            guard count >= 0, bits == 32 || bits == 64 else {
                throw AssayError(
                    .usage, "rule \"\(rule.pointer)\" counts units of numbers of 32 or 64 bits")
            }
        case .time(let nanoseconds):
            guard nanoseconds >= 0 else {
                throw AssayError(.usage, "rule \"\(rule.pointer)\" needs a time of zero or more")
            }
        case .cosine(let minimum):
            guard (-1...1).contains(minimum) else {
                throw AssayError(.usage, "rule \"\(rule.pointer)\" needs a cosine from -1 to 1")
            }
        case .rank(let top, let overlap, _):
            guard top > 0, (0...1).contains(overlap) else {
                throw AssayError(
                    .usage, "rule \"\(rule.pointer)\" needs a rank of 1 or more and a share")
            }
        case .tolerance(let absolute, let relative):
            let bounds = [absolute, relative].compactMap { $0 }
            guard !bounds.isEmpty, bounds.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
                throw AssayError(
                    .usage, "rule \"\(rule.pointer)\" needs a tolerance of zero or more")
            }
        case .decision(let thresholds):
            guard thresholds.allSatisfy(\.isFinite) else {
                throw AssayError(
                    .usage, "rule \"\(rule.pointer)\" has a threshold that is not a number")
            }
        }
    }

    private static func checkHeader(_ rule: ComparisonRules.Rule) throws(AssayError) {
        guard rule.pointer != "header:" else {
            throw AssayError(.usage, "rule \"header:\" names no header")
        }
        switch rule.measure {
        case .cosine, .rank:
            throw AssayError(.usage, "rule \"\(rule.pointer)\" is for arrays; a header is none")
        case .exact, .ignore, .ulp, .tolerance, .decision, .time, .shape, .text: break
        }
    }

    private mutating func layOut(_ draft: Draft) {
        nodes.append(Node())
        var waiting = [(draft, 0)]
        while let (draft, place) = waiting.popLast() {
            var node = Node()
            node.rule = draft.rule
            if let star = draft.star.first {
                node.star = Int32(nodes.count)
                waiting.append((star, nodes.count))
                nodes.append(Node())
            }
            let first = edges.count
            for token in draft.children.keys.sorted() {
                guard let child = draft.children[token] else { continue }
                let bytes = Array(token.utf8)
                let start = tokens.count
                tokens += bytes
                edges.append(
                    Edge(
                        token: start..<tokens.count,
                        hash: unsafe assay_json_hash(bytes, bytes.count),
                        index: Self.index(token), child: Int32(nodes.count)))
                waiting.append((child, nodes.count))
                nodes.append(Node())
            }
            node.edges = first..<edges.count
            nodes[place] = node
        }
    }

    /// The array index that a token names (RFC 6901, section 4: no leading zeros), or -1.
    private static func index(_ token: String) -> Int {
        guard let index = Int(token), index >= 0, String(index) == token else { return -1 }
        return index
    }

    /// The trie while rules are added.
    private struct Draft {
        var rule: Int32 = -1
        var star: [Draft] = []
        var children: [String: Draft] = [:]

        mutating func add(rule: Int32, at tokens: ArraySlice<String>) {
            guard let token = tokens.first else {
                self.rule = rule
                return
            }
            if token == "*" {
                if star.isEmpty { star.append(Draft()) }
                star[0].add(rule: rule, at: tokens.dropFirst())
            } else {
                children[token, default: Draft()].add(rule: rule, at: tokens.dropFirst())
            }
        }
    }
}

extension CompiledRules {
    /// The measure of a rule; none means exact, as a place without a rule is compared.
    func measure(_ rule: Int32) -> ComparisonRules.Measure {
        rule < 0 ? .exact : measures[Int(rule)]
    }

    /// The last rule for a header, or -1.
    func header(_ name: String) -> Int32 {
        headers.last { $0.name == "*" || Answer.same($0.name, name) }?.rule ?? -1
    }
}
