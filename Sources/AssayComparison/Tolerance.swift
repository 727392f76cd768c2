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
    /// Tolerances are computed in doubles, but the difference of two integers of 64 bits exactly.
    /// A number beyond the range of doubles is an infinity, which is near nothing. A number that is
    /// a threshold stands with those above it.
    func judge(
        _ old: UnsafeBufferPointer<UInt8>, _ new: UnsafeBufferPointer<UInt8>
    ) -> NumberStanding {
        switch self {
        case .exact: return .apart
        case .ignore: return .tolerated
        case .tolerance(let absolute, let relative):
            let (first, second) = unsafe (Self.double(old), Self.double(new))
            var distance = (first - second).magnitude
            if let a = unsafe Decimal(old).integer, let b = unsafe Decimal(new).integer {
                distance = Double(a > b ? UInt64(bitPattern: a &- b) : UInt64(bitPattern: b &- a))
            }
            guard distance.isFinite else { return .apart }
            if let absolute, distance <= absolute { return .tolerated }
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

    private static func double(_ bytes: UnsafeBufferPointer<UInt8>) -> Double {
        guard let base = bytes.baseAddress else { return 0 }
        return unsafe assay_json_double(base, bytes.count)
    }
}
