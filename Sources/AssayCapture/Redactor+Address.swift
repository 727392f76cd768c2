extension Redactor {
    func editTarget(_ head: inout HeadEdit, _ part: String, _ log: inout Log) {
        guard let target = head.target else { return }
        // A target has no fragment: what is behind a `#` in it is part of its query.
        let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        let start = withoutUser(target[..<mark], part, &log)
        let query = redactedQuery(target[mark...], .query, part, &log)
        guard start != nil || query != nil else { return }
        head.setTarget((start ?? Array(target[..<mark])) + (query ?? Array(target[mark...])))
    }

    /// An address with its redactions: of the user in it, of its query, and of a fragment that is
    /// written as a query is, which sign-ons use. `nil` if nothing changes.
    func redactedAddress(
        _ address: ArraySlice<UInt8>, _ part: String, _ log: inout Log
    ) -> [UInt8]? {
        let hash = address.firstIndex(of: UInt8(ascii: "#")) ?? address.endIndex
        let mark = address[..<hash].firstIndex(of: UInt8(ascii: "?")) ?? hash
        let start = withoutUser(address[..<mark], part, &log)
        let query = redactedQuery(address[mark..<hash], .address, part, &log)
        let fragment = redactedFragment(address[hash...], part, &log)
        guard start != nil || query != nil || fragment != nil else { return nil }
        return (start ?? Array(address[..<mark])) + (query ?? Array(address[mark..<hash]))
            + (fragment ?? Array(address[hash...]))
    }

    /// A query that begins with its question mark; without pairs that mark goes too.
    private func redactedQuery(
        _ query: ArraySlice<UInt8>, _ kind: PairKind, _ part: String, _ log: inout Log
    ) -> [UInt8]? {
        guard hasQueries, let mark = query.first,
            let pairs = redactedPairs(query.dropFirst(), kind, part, &log)
        else { return nil }
        return pairs.isEmpty ? [] : [mark] + pairs
    }

    /// A fragment that begins with `#`: pairs, or a path of an application with a query behind it.
    private func redactedFragment(
        _ fragment: ArraySlice<UInt8>, _ part: String, _ log: inout Log
    ) -> [UInt8]? {
        guard let mark = fragment.firstIndex(of: UInt8(ascii: "?")) else {
            return redactedQuery(fragment, .address, part, &log)
        }
        return redactedQuery(fragment[mark...], .address, part, &log).map { fragment[..<mark] + $0 }
    }

    /// An address up to its query, with what rules say of `Authorization` done to the user and password
    /// in it; `nil` if there are none, or they stay.
    private func withoutUser(
        _ address: ArraySlice<UInt8>, _ part: String, _ log: inout Log
    ) -> [UInt8]? {
        guard let action = rules.action(header: "authorization".utf8),
            let start = Self.authorityStart(of: address)
        else { return nil }
        let authority = address[start...].prefix { $0 != UInt8(ascii: "/") }
        guard let sign = authority.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        let user = authority[..<sign]
        var named: [UInt8]
        switch action {
        case .keep: return nil
        case .drop: named = []
        case .mask: named = Array("\(Self.mask)@".utf8)
        case .pseudonym: named = Array("\(pseudonym(user))@".utf8)
        }
        // What is redacted already is not redacted again.
        if action == .pseudonym, Self.isPseudonym(user) { return nil }
        if !named.isEmpty, user.elementsEqual(named.dropLast()) { return nil }
        log.done["\(part) address user"] = action
        named = address[..<start] + named
        return named + address[(sign + 1)...]
    }

    /// Where the authority of an address starts, behind `//`: at its beginning or behind a scheme.
    private static func authorityStart(of address: ArraySlice<UInt8>) -> Int? {
        let rest = address.drop {
            HTTPHead.isToken($0)
        }
        let slashes = rest.first == UInt8(ascii: ":") ? rest.dropFirst() : address
        guard slashes.starts(with: "//".utf8) else { return nil }
        return slashes.startIndex + 2
    }
}
