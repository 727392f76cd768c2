import Glibc

/// The beta distribution, from which binomial and Student tails follow.
public enum Beta {
    /// The regularised incomplete beta function I_x(a, b), for positive a and b.
    ///
    /// Lentz's continued fraction (Numerical Recipes, section 6.4; DLMF 8.17.22), with the
    /// symmetry I_x(a, b) = 1 − I_{1−x}(b, a) where that converges faster. Relative error near
    /// 1e-13 up to counts of a million.
    public static func cumulative(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let front = exp(
            logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x))
        if x < (a + 1) / (a + b + 2) { return front * fraction(x, a, b) / a }
        return 1 - front * fraction(1 - x, b, a) / b
    }

    /// The x at which I_x(a, b) is `p`. Bisection, then safeguarded Newton steps.
    public static func quantile(_ p: Double, _ a: Double, _ b: Double) -> Double {
        guard p > 0 else { return 0 }
        guard p < 1 else { return 1 }
        var low = 0.0
        var high = 1.0
        var x = a / (a + b)
        let scale = logGamma(a + b) - logGamma(a) - logGamma(b)
        for _ in 0..<200 {
            let error = cumulative(x, a, b) - p
            if error > 0 { high = x } else { low = x }
            let density = exp(scale + (a - 1) * log(x) + (b - 1) * log1p(-x))
            var next = x - error / density
            if !(next > low && next < high) {
                // Halve on a logarithmic scale near zero, where the answer may be tiny.
                next = low > 0 && high / low > 4 ? (low * high).squareRoot() : (low + high) / 2
            }
            if abs(next - x) <= 1e-15 * x || high - low <= 1e-16 * high { return next }
            x = next
        }
        return x
    }

    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func guarded(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / guarded(1 - (a + b) * x / (a + 1))
        var h = d
        for step in 1...20_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / guarded(1 + even * d)
            c = guarded(1 + even / c)
            h *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / guarded(1 + odd * d)
            c = guarded(1 + odd / c)
            let change = d * c
            h *= change
            if abs(change - 1) < 1e-15 { break }
        }
        return h
    }

    static func logGamma(_ x: Double) -> Double { lgamma(x) }
}

/// Student's t distribution.
public enum StudentT {
    /// The value below which a share `p` lies, with `degrees` > 0 of freedom.
    public static func quantile(_ p: Double, degrees: Double) -> Double {
        if p == 0.5 { return 0 }
        let tail = min(p, 1 - p)
        let x = Beta.quantile(2 * tail, degrees / 2, 0.5)
        let magnitude = x > 0 ? (degrees * (1 - x) / x).squareRoot() : .infinity
        return p < 0.5 ? -magnitude : magnitude
    }
}

/// The binomial distribution.
public enum Binomial {
    /// The chance of at most `count` successes in `trials` of chance `p` each.
    public static func cumulative(_ count: Int, trials: Int, p: Double) -> Double {
        if count < 0 { return 0 }
        if count >= trials { return 1 }
        return Beta.cumulative(1 - p, Double(trials - count), Double(count) + 1)
    }
}
