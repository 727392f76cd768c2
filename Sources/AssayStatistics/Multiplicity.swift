/// Corrections for having looked in several places.
public enum Multiplicity {
    /// Holm's adjusted p values (Scandinavian Journal of Statistics 6, 1979), in the given order.
    ///
    /// Rejecting those at most alpha keeps the chance of any false rejection at alpha, whatever
    /// the dependence.
    public static func holm(_ pValues: [Double]) -> [Double] {
        var adjusted = pValues
        var largest = 0.0
        for (place, index) in order(pValues).enumerated() {
            largest = max(largest, Double(pValues.count - place) * pValues[index])
            adjusted[index] = min(1, largest)
        }
        return adjusted
    }

    /// Simes's p value of "none of these holds" (Biometrika 73, 1986): the least n·p(i)/i.
    ///
    /// Right for independent and for positively dependent tests. 1 for none.
    public static func simes(_ pValues: [Double]) -> Double {
        var smallest = 1.0
        for (place, index) in order(pValues).enumerated() {
            smallest = min(smallest, Double(pValues.count) * pValues[index] / Double(place + 1))
        }
        return smallest
    }

    /// Benjamini and Hochberg's adjusted p values (JRSS B 57, 1995), in the given order.
    ///
    /// Rejecting those at most q keeps the expected share of false rejections at q.
    public static func benjaminiHochberg(_ pValues: [Double]) -> [Double] {
        var adjusted = pValues
        var smallest = 1.0
        for (place, index) in order(pValues).enumerated().reversed() {
            smallest = min(smallest, Double(pValues.count) * pValues[index] / Double(place + 1))
            adjusted[index] = smallest
        }
        return adjusted
    }

    private static func order(_ pValues: [Double]) -> [Int] {
        pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
    }
}
