/// Corrections for looking at many things at once.
public enum MultipleTests {
    /// Holm's adjusted p-values (Scandinavian Journal of Statistics 6, 1979), in the given order.
    public static func holm(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var adjusted = values
        var largest = 0.0
        for (rank, index) in order.enumerated() {
            largest = max(largest, min(1, values[index] * Double(values.count - rank)))
            adjusted[index] = largest
        }
        return adjusted
    }

    /// Adjusted p-values of Benjamini and Hochberg (JRSS B 57, 1995), in the given order.
    public static func benjaminiHochberg(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] > values[$1] }
        var adjusted = values
        var smallest = 1.0
        for (rank, index) in order.enumerated() {
            let position = Double(values.count - rank)
            smallest = min(smallest, values[index] * Double(values.count) / position)
            adjusted[index] = smallest
        }
        return adjusted
    }

    /// The p-value of Simes (Biometrika 73, 1986) that all of several hypotheses hold.
    public static func simes(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        var smallest = 1.0
        for (index, value) in sorted.enumerated() {
            smallest = min(smallest, value * Double(sorted.count) / Double(index + 1))
        }
        return smallest
    }
}
