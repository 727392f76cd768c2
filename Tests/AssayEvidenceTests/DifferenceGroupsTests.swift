import AssayCore
import AssayEvidence
import Testing

@Suite("groups of differences")
struct DifferenceGroupsTests {
    private func row(_ number: Int, confirmation: ExchangeOutcome.Confirmation?) -> ExchangeOutcome
    {
        var row = ExchangeOutcome(
            exchange: "x\(number)", session: "s\(number % 7)", route: "POST /predict",
            slices: ["carrier": number % 2 == 0 ? "HA" : "UA"])
        row.differences = [
            .effect: [
                Difference(path: "/items/\(number)/score", kind: .value, old: "1", new: "2"),
                Difference(path: "/items/\(number + 1)/score", kind: .value, old: "1", new: "2"),
            ],
            .noise: [],
        ]
        row.confirmations["/items/\(number)/score"] = confirmation
        return row
    }

    @Test("an exchange counts once in a group, with its slices and what confirmation said")
    func counts() {
        var groups = DifferenceGroups()
        groups.add(row(0, confirmation: .confirmed))
        groups.add(row(1, confirmation: .noise))
        groups.add(row(2, confirmation: .notSent))
        groups.add(row(3, confirmation: nil))
        let group = groups.sorted.first
        #expect(groups.sorted.count == 1)
        #expect(group?.path == "/items/*/score")
        #expect(group?.count == 4)
        #expect(group?.confirmed == 1)
        #expect(group?.noise == 1)
        #expect(group?.notSent == 1)
        #expect(group?.slices == ["carrier": ["HA": 2, "UA": 2]])
    }

    @Test("shards in any order merge to the groups of one run")
    func merging() {
        var whole = DifferenceGroups()
        var parts = [DifferenceGroups(), DifferenceGroups(), DifferenceGroups()]
        for number in 0..<200 {
            let row = row(number, confirmation: number % 3 == 0 ? .confirmed : .noise)
            whole.add(row)
            parts[number % 3].add(row)
        }
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            var merged = DifferenceGroups()
            for index in order { merged.add(parts[index].sorted) }
            #expect(merged.sorted == whole.sorted)
        }
        #expect(whole.sorted.first?.examples.count == 5)
    }

    @Test("heavier kinds come first, then larger counts")
    func order() {
        var groups = DifferenceGroups()
        for (number, kind) in [Difference.Kind.value, .status, .value, .added].enumerated() {
            var row = ExchangeOutcome(exchange: "x\(number)", session: "s", route: "GET /")
            let path = kind == .value ? "/value" : "/other"
            row.differences = [.effect: [Difference(path: path, kind: kind, old: nil, new: "1")]]
            groups.add(row)
        }
        #expect(groups.sorted.map(\.kind) == [.status, .value, .added])
        #expect(groups.sorted[1].count == 2)
    }

    @Test("shards of one run are told from anything else")
    func shards() throws {
        var shards = (1...3).map { index in
            var shard = Samples.evidence()
            shard.capture.shard = "\(index)/3"
            return shard
        }
        try Evidence.checkShards(shards)
        try Evidence.checkShards(shards.reversed())
        let faults: [([Evidence], AssayError.Code, String)] = [
            ([], .usage, "there is none"),
            ([shards[0], shards[2]], .usage, "shard 2/3 is missing"),
            (shards + [shards[1]], .usage, "shard 2/3 is there twice"),
            ([Samples.evidence()], .usage, "is not of a shard"),
        ]
        for (list, code, sentence) in faults {
            do throws(AssayError) {
                try Evidence.checkShards(list)
                Issue.record("\(sentence): not refused")
            } catch {
                #expect(error.code == code)
                #expect(error.message.contains(sentence))
            }
        }
        shards[2].seed += 1
        do throws(AssayError) {
            try Evidence.checkShards(shards)
            Issue.record("another seed was not refused")
        } catch {
            #expect(error.code == .conflict)
            #expect(error.message.contains("its seed is not that of"))
        }
    }
}
