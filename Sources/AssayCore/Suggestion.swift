/// Finds the name somebody meant when they wrote one that does not exist.
public enum Suggestion {
    /// The candidate nearest to `name`, if one is near enough to be worth asking about.
    ///
    /// Near is an edit distance (Damerau's, adjacent swaps count one) of at most a third of the
    /// name's length. Costs the product of the lengths for each candidate.
    public static func nearest(to name: String, among candidates: some Sequence<String>) -> String?
    {
        var best: (name: String, distance: Int)?
        for candidate in candidates.sorted() {
            let distance = distance(Array(name.utf8), Array(candidate.utf8))
            if distance < best?.distance ?? Int.max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(1, max(name.utf8.count, best.name.utf8.count) / 3)
        else { return nil }
        return best.name
    }

    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 1...max(1, left.count) where row <= left.count {
            var current = [row]
            for column in 1...max(1, right.count) where column <= right.count {
                let cost = left[row - 1] == right[column - 1] ? 0 : 1
                var value = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + cost)
                if row > 1, column > 1, left[row - 1] == right[column - 2],
                    left[row - 2] == right[column - 1]
                {
                    value = min(value, beforeLast[column - 2] + 1)
                }
                current.append(value)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
