import AssayCore

/// Redacts places of a JSON document; all other bytes stay as they were.
struct JSONEdit {
    let pointers: [(tokens: [String], action: RedactionRules.Action)]
    /// The pointers of which the numbers stay, since they stand for others already.
    let named: Set<Int>
    let isPseudonym: ([UInt8]) -> Bool
    let pseudonym: ([UInt8]) -> String
    let number: ([UInt8]) -> [UInt8]

    /// A range of the document and what takes its place.
    private typealias Patch = (range: Range<Int>, bytes: [UInt8])

    /// The document with its redactions, each of which is told to `note` as a pointer with what was
    /// done; `nil` if there is none.
    mutating func apply(
        _ tape: borrowing JSONTape, to document: [UInt8],
        note: (String, RedactionRules.Action) -> Void
    ) -> [UInt8]? {
        var patches: [Patch] = []
        let rules = Array(pointers.indices)
        visit(tape, tape.root, rules, depth: 0, &patches, note)
        guard !patches.isEmpty else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(document.count)
        var place = 0
        for patch in patches.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            bytes += document[place..<patch.range.lowerBound]
            bytes += patch.bytes
            place = patch.range.upperBound
        }
        bytes += document[place...]
        return bytes
    }

    /// Looks at a value to which the first `depth` tokens of `rules` led.
    private func visit(
        _ tape: borrowing JSONTape, _ node: Int, _ rules: [Int], depth: Int,
        _ patches: inout [Patch], _ note: (String, RedactionRules.Action) -> Void
    ) {
        if let members = tape.memberPlaces(of: node) {
            var dropped: [Bool] = []
            for member in members {
                dropped.append(
                    step(tape, member.name, member.value, rules, depth, &patches, note))
            }
            remove(dropped, members.map { $0.start..<$0.end }, &patches)
        } else if tape.isArray(node) {
            var dropped: [Bool] = []
            var ranges: [Range<Int>] = []
            for (index, element) in tape.elements(of: node).enumerated() {
                dropped.append(step(tape, "\(index)", element, rules, depth, &patches, note))
                ranges.append(tape.range(of: element))
            }
            remove(dropped, ranges, &patches)
        }
    }

    /// Goes one name or index down; true if that value is to be dropped.
    private func step(
        _ tape: borrowing JSONTape, _ name: String, _ value: Int, _ rules: [Int], _ depth: Int,
        _ patches: inout [Patch], _ note: (String, RedactionRules.Action) -> Void
    ) -> Bool {
        var deeper: [Int] = []
        for rule in rules {
            let (tokens, action) = pointers[rule]
            guard depth < tokens.count, tokens[depth] == "*" || tokens[depth] == name else {
                continue
            }
            guard depth == tokens.count - 1 else {
                deeper.append(rule)
                continue
            }
            // Of several rules for one place the first counts.
            guard action != .keep else { return false }
            let isNamed = named.contains(rule)
            if action == .pseudonym, isKnown(tape, value, isNamed: isNamed) { return false }
            note(JSONPointer.text(tokens), action)
            switch action {
            case .drop: return true
            case .mask:
                patches.append((tape.range(of: value), Array("\"\(Redactor.mask)\"".utf8)))
            case .pseudonym: patches.append((tape.range(of: value), substitute(tape, value)))
            case .keep: break
            }
            return false
        }
        if !deeper.isEmpty { visit(tape, value, deeper, depth: depth + 1, &patches, note) }
        return false
    }

    /// Whether a value stands for another one already.
    private func isKnown(_ tape: borrowing JSONTape, _ value: Int, isNamed: Bool) -> Bool {
        if let text = tape.bytes(value) { return isPseudonym(text) }
        return isNamed && tape.number(value) != nil
    }

    private func substitute(_ tape: borrowing JSONTape, _ value: Int) -> [UInt8] {
        if let text = tape.bytes(value) { return Array("\"\(pseudonym(text))\"".utf8) }
        let raw = tape.raw(value) ?? []
        if tape.number(value) != nil { return number(raw) }
        // Truth values and nothing say too little to be worth a name.
        return tape.isWord(value) ? raw : Array("\"\(pseudonym(raw))\"".utf8)
    }

    /// Takes members or elements out with the commas that go with them: for each run of them the
    /// part behind the one that stays before it, or up to the one that stays behind it.
    private func remove(_ dropped: [Bool], _ ranges: [Range<Int>], _ patches: inout [Patch]) {
        var index = 0
        while index < dropped.count {
            guard dropped[index] else {
                index += 1
                continue
            }
            var end = index
            while end + 1 < dropped.count, dropped[end + 1] { end += 1 }
            let range =
                if index > 0 {
                    ranges[index - 1].upperBound..<ranges[end].upperBound
                } else if end + 1 < ranges.count {
                    ranges[index].lowerBound..<ranges[end + 1].lowerBound
                } else {
                    ranges[index].lowerBound..<ranges[end].upperBound
                }
            patches.append((range, []))
            index = end + 1
        }
    }
}
