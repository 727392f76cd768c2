import Glibc

/// The hypergeometric distribution: how many of a sample drawn without replacement are marked.
public enum Hypergeometric {
    /// The chance of at least `seen` marked units in a sample of `drawn` from `population` units of
    /// which `marked` are: Fisher's exact test, one-sided (Fisher 1935, section 21).
    ///
    /// Counts are not negative, and `marked` and `drawn` at most `population`. Sums terms from `seen`
    /// on, each from the one before; costs at most min(marked, drawn) steps.
    public static func upperTail(seen: Int, marked: Int, drawn: Int, population: Int) -> Double {
        precondition(
            0 <= marked && marked <= population && 0 <= drawn && drawn <= population,
            "counts that contradict each other")
        let least = max(0, drawn + marked - population)
        let most = min(marked, drawn)
        guard seen > least else { return 1 }
        guard seen <= most else { return 0 }
        var term = exp(
            logChoose(marked, seen) + logChoose(population - marked, drawn - seen)
                - logChoose(population, drawn))
        var sum = term
        var count = seen
        while count < most {
            term *= Double(marked - count) * Double(drawn - count)
            term /= Double(count + 1) * Double(population - marked - drawn + count + 1)
            sum += term
            count += 1
            if term < sum * 1e-17 { break }
        }
        return min(1, sum)
    }

    private static func logChoose(_ n: Int, _ k: Int) -> Double {
        Beta.logGamma(Double(n + 1)) - Beta.logGamma(Double(k + 1))
            - Beta.logGamma(Double(n - k + 1))
    }
}
