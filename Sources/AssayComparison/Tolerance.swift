import AssayEvidence
import CSimdjson

/// How a measure judges two numbers that are not the same.
enum NumberStanding {
    /// The rule lets the difference pass.
    case tolerated
    /// The numbers differ beyond what is allowed.
    case apart
    /// They stand on two sides of a threshold.
    case crossed
}

extension ComparisonRules.Measure {
    /// Judges two JSON numbers whose values differ.
    ///
    /// Bounds hold as in Python's `math.isclose`: computed in doubles, a distance that is the bound is
    /// within it, the relative one goes by the larger magnitude, and either suffices. But the distance
    /// of two whole numbers of up to 38 digits is exact against `abs`. Two numbers that read as one
    /// double are within any bound; one beyond the range of doubles is an infinity, which is near
    /// nothing. A number that is a threshold stands with those above it.
    func judge(
        _ old: UnsafeBufferPointer<UInt8>, _ new: UnsafeBufferPointer<UInt8>
    ) -> NumberStanding {
        switch self {
        case .exact, .time, .shape, .text, .cosine, .rank: return .apart
        case .ignore: return .tolerated
        case .ulp(let count, let bits):
            let (first, second) = unsafe (Self.double(old), Self.double(new))
            let steps =
                bits == 32
                ? Self.steps(Float(first), Float(second)) : Self.steps(first, second)
            return steps.map { $0 <= UInt64(clamping: count) } == true ? .tolerated : .apart
        case .tolerance(let absolute, let relative):
            let (first, second) = unsafe (Self.double(old), Self.double(new))
            var distance = (first - second).magnitude
            guard distance.isFinite else { return .apart }
            if let a = unsafe Decimal(old).integer, let b = unsafe Decimal(new).integer {
                let whole = UInt128(truncatingIfNeeded: a > b ? a &- b : b &- a)
                if let absolute, Self.isWhole(whole, within: absolute) { return .tolerated }
                distance = Double(whole)
            } else if let absolute, distance <= absolute {
                return .tolerated
            }
            if let relative, distance <= relative * max(first.magnitude, second.magnitude) {
                return .tolerated
            }
            return .apart
        case .decision(let thresholds):
            let (first, second) = unsafe (Self.double(old), Self.double(new))
            let crosses = thresholds.contains { (first >= $0) != (second >= $0) }
            return crosses ? .crossed : .tolerated
        }
    }

    /// Whether a whole number is at most a bound of zero or more, without rounding.
    private static func isWhole(_ number: UInt128, within bound: Double) -> Bool {
        bound >= 0x1p128 || number <= UInt128(bound)
    }

    /// How many representable values two finite numbers are apart; `nil` if one is not finite.
    ///
    /// The bits of a float, taken as a whole number with its sign, are in the order of the floats
    /// (IEEE 754, section 3.4); zero and minus zero are the same.
    private static func steps(_ left: Double, _ right: Double) -> UInt64? {
        guard left.isFinite, right.isFinite else { return nil }
        func place(_ value: Double) -> Int64 {
            let magnitude = Int64(value.magnitude.bitPattern)
            return value < 0 ? -magnitude : magnitude
        }
        let (a, b) = (place(left), place(right))
        return a > b ? UInt64(bitPattern: a &- b) : UInt64(bitPattern: b &- a)
    }

    private static func steps(_ left: Float, _ right: Float) -> UInt64? {
        guard left.isFinite, right.isFinite else { return nil }
        func place(_ value: Float) -> Int64 {
            let magnitude = Int64(value.magnitude.bitPattern)
            return value < 0 ? -magnitude : magnitude
        }
        return (place(left) - place(right)).magnitude
    }

    static func double(_ bytes: UnsafeBufferPointer<UInt8>) -> Double {
        guard let base = bytes.baseAddress else { return 0 }
        return unsafe assay_json_double(base, bytes.count)
    }
}
