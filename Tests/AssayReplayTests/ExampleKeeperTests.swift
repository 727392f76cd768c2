import AssayEvidence
import Testing

@testable import AssayReplay

@Suite("examples that are kept")
struct ExampleKeeperTests {
    /// A row that differs at a path, and its line of so many bytes.
    private struct Item {
        let row: ExchangeOutcome
        let line: [UInt8]

        init(_ id: Int, path: String = "/score", bytes: Int) {
            let name = "e\(1_000_000 + id)"
            row = ExchangeOutcome(
                exchange: name, session: name, route: "POST /predict",
                differences: [
                    .effect: [Difference(path: path, kind: .value, old: "1", new: "2")], .noise: [],
                ])
            line = Array("\(name) ".utf8) + Array(repeating: 0x20, count: bytes)
        }
    }

    private func lines(_ items: [Item]) -> [[UInt8]] {
        var keeper = ExampleKeeper()
        for item in items { keeper.add(item.row) { item.line } }
        return keeper.lines
    }

    /// The ids of the exchanges that are kept, as they stand at the start of their lines.
    private func kept(_ items: [Item]) -> [String] {
        lines(items).map { String(decoding: $0.prefix { $0 != 0x20 }, as: UTF8.self) }
    }

    @Test("every differing exchange is kept while the budget lasts")
    func all() {
        let items = (0..<500).map { Item($0, bytes: 1000) }
        #expect(kept(items) == items.map(\.row.exchange))
        let equal = ExchangeOutcome(
            exchange: "same", session: "same", route: "GET /", differences: [.effect: []])
        var keeper = ExampleKeeper()
        keeper.add(equal) { [1] }
        #expect(keeper.lines.isEmpty)
    }

    @Test("beyond the budget a rare group keeps its share beside a frequent one")
    func rare() {
        let frequent = (0..<400).map { Item($0, bytes: 100_000) }
        let rare = (1000..<1030).map { Item($0, path: "/rare", bytes: 2_000) }
        let lines = lines(frequent + rare)
        let total = lines.reduce(0) { $0 + $1.count }
        #expect(total <= ExampleKeeper.byteLimit + ExampleKeeper.groupBytes)
        #expect(lines.count { $0.count > 50_000 } > 70)
        #expect(lines.count { $0.count < 50_000 } >= ExampleKeeper.groupLimit)
    }

    @Test("what is kept does not depend on the order, and a whole keeps what its shards keep of it")
    func shards() {
        var items: [Item] = []
        for id in 0..<700 {
            items.append(
                Item(id, path: ["/a", "/b", "/c/\(id)"][id % 3], bytes: 7_000 + id * 61 % 40_000))
        }
        let whole = kept(items)
        #expect(whole.count < items.count)
        #expect(kept(items.reversed()) == whole)
        for count in [2, 3, 7] {
            var shards: [Item] = []
            for shard in 0..<count {
                let part = items.enumerated().filter { $0.offset % count == shard }.map(\.element)
                let names = Set(kept(part))
                shards += part.filter { names.contains($0.row.exchange) }
            }
            #expect(kept(shards) == whole, "\(count) shards")
        }
    }

    @Test("of too many groups those with the smallest hashes keep a share, in any order")
    func groups() {
        let items = (0..<900).map { Item($0, path: "/g\($0)", bytes: 40_000) }
        let whole = kept(items)
        #expect(whole.count >= ExampleKeeper.strataLimit)
        #expect(whole.count < items.count)
        #expect(kept(items.reversed()) == whole)
    }

    @Test("an exchange larger than the budget is left out and keeps no other out")
    func large() {
        let items = [Item(1, bytes: 9 << 20)] + (2..<10).map { Item($0, bytes: 100) }
        #expect(kept(items) == items.dropFirst().map(\.row.exchange))
    }
}
