extension Evidence.Group {
    /// The differences of a row that are counted in this group; empty when the row is not in it.
    public func differences(in row: ExchangeOutcome) -> [Difference] {
        guard row.route == route, let list = row.differences[comparison] else { return [] }
        return list.filter { $0.kind == kind && $0.aggregatePath == path }
    }

    /// What confirmation said of a row in this group: `confirmed` if it said so of any place, then
    /// `notSent`, then `noise`; `nil` if the row was not looked at again. Only an effect is.
    public func confirmation(of row: ExchangeOutcome) -> ExchangeOutcome.Confirmation? {
        guard comparison == .effect else { return nil }
        let said = differences(in: row).compactMap {
            row.confirmations[$0.path] ?? row.confirmations[path]
        }
        return [.confirmed, .notSent, .noise].first { said.contains($0) }
    }
}
