import CSimdjson

extension JSONWalk {
    /// Below this many members each is looked for in turn.
    private static var linearLimit: Int { 16 }

    /// Compares two objects by the names of their members.
    mutating func objects(_ left: Int, _ right: Int, _ scope: RuleScope) {
        var (a, b) = (left + 1, right + 1)
        let (endA, endB) = unsafe (Int(old.nodes[left].next), Int(new.nodes[right].next))
        // Most services write members in one order.
        while a < endA, b < endB, unsafe sameName(a, b) {
            unsafe member(a, b, scope)
            unsafe (a, b) = (Int(old.nodes[a + 1].next), Int(new.nodes[b + 1].next))
        }
        if a >= endA, b >= endB { return }
        unsafe rest(a..<endA, b..<endB, scope)
    }

    /// Compares the members from where the orders part.
    private mutating func rest(_ left: Range<Int>, _ right: Range<Int>, _ scope: RuleScope) {
        var names: [Int] = []
        var name = right.lowerBound
        while name < right.upperBound {
            names.append(name)
            name = unsafe Int(new.nodes[name + 1].next)
        }
        let isSorted = unsafe names.count > Self.linearLimit
        let order = isSorted ? names.sorted { unsafe precedes($0, $1) } : names
        var matched = Set<Int>()
        name = left.lowerBound
        while name < left.upperBound {
            let partner =
                isSorted
                ? unsafe search(for: name, in: order)
                : order.first { unsafe sameName(name, $0) }
            if let partner { matched.insert(partner) }
            unsafe member(name, partner, scope)
            name = unsafe Int(old.nodes[name + 1].next)
        }
        for name in names where !matched.contains(name) { unsafe member(nil, name, scope) }
    }

    private func sameName(_ left: Int, _ right: Int) -> Bool {
        let (a, b) = unsafe (old.nodes[left], new.nodes[right])
        return unsafe a.hash == b.hash && a.text_length == b.text_length
            && memoryEqual(old.memory + Int(a.text), new.memory + Int(b.text), Int(a.text_length))
    }

    /// An order of the new document's names: hash, length, bytes.
    private func precedes(_ left: Int, _ right: Int) -> Bool {
        let (a, b) = unsafe (new.nodes[left], new.nodes[right])
        if a.hash != b.hash { return a.hash < b.hash }
        if a.text_length != b.text_length { return a.text_length < b.text_length }
        return unsafe memoryOrder(
            new.memory + Int(a.text), new.memory + Int(b.text), Int(a.text_length)) < 0
    }

    /// Finds the partner of an old name by bisection.
    private func search(for left: Int, in order: [Int]) -> Int? {
        let a = unsafe old.nodes[left]
        var range = 0..<order.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let b = unsafe new.nodes[order[middle]]
            let sign: Int32
            if a.hash != b.hash {
                sign = a.hash < b.hash ? -1 : 1
            } else if a.text_length != b.text_length {
                sign = a.text_length < b.text_length ? -1 : 1
            } else {
                sign = unsafe memoryOrder(
                    old.memory + Int(a.text), new.memory + Int(b.text), Int(a.text_length))
            }
            if sign == 0 { return order[middle] }
            range = sign < 0 ? range.lowerBound..<middle : (middle + 1)..<range.upperBound
        }
        return nil
    }
}
