public import AssayCore

extension Capture {
    /// Chooses whole sessions until they hold at least `requests` exchanges, in turn from each value
    /// of a slice field, so that rare values are there too; by the same seeded hash as the other.
    ///
    /// A session counts to the value of its first exchange. Costs a read of everything.
    public func sample(
        requests: Int, seed: UInt64, stratifiedBy field: String
    ) throws(AssayError) -> Set<String> {
        var sessions: [String: (stratum: String, ids: [String])] = [:]
        var reader = try reader()
        while let exchange = try reader.next() {
            let session = exchange.session ?? exchange.id
            let stratum = exchange.slices[field] ?? ""
            sessions[session, default: (stratum, [])].ids.append(exchange.id)
        }
        var strata: [String: [(rank: Digest, ids: [String])]] = [:]
        for (session, found) in sessions {
            let rank = Digest(of: Array("\(seed) \(session)".utf8))
            strata[found.stratum, default: []].append((rank, found.ids))
        }
        let names = strata.keys.sorted()
        for name in names { strata[name]?.sort { $0.rank > $1.rank } }
        var chosen: Set<String> = []
        while chosen.count < requests {
            var hasMore = false
            for name in names where chosen.count < requests {
                guard let next = strata[name]?.popLast() else { continue }
                chosen.formUnion(next.ids)
                hasMore = true
            }
            if !hasMore { break }
        }
        return chosen
    }

    /// Where a session stands between 0 and 1 by a seeded hash: what splits a capture into parts
    /// that share no session, the same on any machine.
    public static func position(of session: String, seed: UInt64) -> Double {
        let bytes = Digest(of: Array("\(seed) \(session)".utf8)).bytes
        let word = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Double(word >> 11) / Double(UInt64(1) << 53)
    }
}
