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

    /// The document with its redactions; `nil` if there is none. The numbers of the pointers that took
    /// something are added to `applied`.
    func apply(
        _ tape: borrowing JSONTape, to document: [UInt8], _ applied: inout Set<Int>
    ) -> [UInt8]? {
        var patches: [Patch] = []
        let rules = Array(pointers.indices)
        visit(tape, tape.root, rules, depth: 0, &patches, &applied)
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
        _ patches: inout [Patch], _ applied: inout Set<Int>
    ) {
        if let members = tape.memberPlaces(of: node) {
            var dropped: [Bool] = []
            for member in members {
                dropped.append(
                    step(tape, member.name, member.value, rules, depth, &patches, &applied))
            }
            remove(dropped, members.map { $0.start..<$0.end }, &patches)
        } else if tape.isArray(node) {
            var dropped: [Bool] = []
            var ranges: [Range<Int>] = []
            for (index, element) in tape.elements(of: node).enumerated() {
                dropped.append(step(tape, "\(index)", element, rules, depth, &patches, &applied))
                ranges.append(tape.range(of: element))
            }
            remove(dropped, ranges, &patches)
        }
    }

    /// Goes one name or index down; true if that value is to be dropped.
    private func step(
        _ tape: borrowing JSONTape, _ name: String, _ value: Int, _ rules: [Int], _ depth: Int,
        _ patches: inout [Patch], _ applied: inout Set<Int>
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
            let isNamed = named.contains(rule)
            switch action {
            case .drop:
                applied.insert(rule)
                return true
            case .mask:
                patches.append((tape.range(of: value), Array("\"\(Redactor.mask)\"".utf8)))
            case .pseudonym:
                guard let new = substitute(tape, value, isNamed: isNamed) else { return false }
                patches.append((tape.range(of: value), new))
            case .keep: return false
            }
            applied.insert(rule)
            return false
        }
        if !deeper.isEmpty { visit(tape, value, deeper, depth: depth + 1, &patches, &applied) }
        return false
    }

    /// What takes the place of a value; `nil` for one that stands for another already.
    private func substitute(
        _ tape: borrowing JSONTape, _ value: Int, isNamed: Bool
    ) -> [UInt8]? {
        if let text = tape.bytes(value) {
            return isPseudonym(text) ? nil : Array("\"\(pseudonym(text))\"".utf8)
        }
        let raw = tape.raw(value) ?? []
        if tape.number(value) != nil { return isNamed ? nil : number(raw) }
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
