/// What a check allows: a direction, a number and its unit.
public struct Limit: Hashable, Sendable {
    /// What the number bounds.
    public var direction: Direction
    /// The number: a share, a share's difference, a count or nanoseconds; see `unit`.
    public var value: Double
    /// What the number counts.
    public var unit: Unit
    /// As it was written, as in `0.05pp`.
    public var text: String
    /// The line of the policy it stands on.
    public var line: Int

    /// What a limit bounds; the key of the policy.
    public enum Direction: String, Hashable, Sendable, CaseIterable {
        case max, min
        case maxIncrease = "max_increase", maxDecrease = "max_decrease"
        case maxChange = "max_change", maxGap = "max_gap"
    }

    /// What a limit counts.
    public enum Unit: String, Hashable, Sendable, CaseIterable {
        /// A share or a relative change: 1 is 100 %.
        case percent = "%"
        /// The difference of two shares: 1 is 100 percentage points.
        case points = "pp"
        /// Time, in nanoseconds.
        case time = "ns"
        /// Exchanges, counted.
        case requests
        /// Known bugs, counted.
        case cases

        /// Whether it is decided by the count, without an interval.
        var isCensus: Bool { self == .requests || self == .cases }
    }
}

/// Numbers with their unit, as policies write them.
enum Quantity {
    /// Reads a limit's number; `nil` where number or unit is missing or unknown.
    static func limit(_ text: String) -> (value: Double, unit: Limit.Unit)? {
        guard let (number, unit) = split(text) else { return nil }
        switch unit {
        case "%": return (number / 100, .percent)
        case "pp": return (number / 100, .points)
        case "ms": return (number * 1e6, .time)
        case "us", "µs": return (number * 1e3, .time)
        case "s": return (number * 1e9, .time)
        case "request", "requests": return whole(number).map { ($0, .requests) }
        case "case", "cases": return whole(number).map { ($0, .cases) }
        default: return nil
        }
    }

    /// Reads a duration in nanoseconds, as in `24h`, `30d`, `15m`, `10s`.
    static func duration(_ text: String) -> Int64? {
        guard let (number, unit) = split(text), number > 0 else { return nil }
        let seconds: Double
        switch unit {
        case "s": seconds = 1
        case "m", "min": seconds = 60
        case "h": seconds = 3600
        case "d": seconds = 86_400
        case "w": seconds = 604_800
        default: return nil
        }
        let nanoseconds = number * seconds * 1e9
        return nanoseconds < 9e18 ? Int64(nanoseconds) : nil
    }

    /// Reads a share, as in `0.5%`, into a number from 0 to 1.
    static func share(_ text: String) -> Double? {
        guard let (value, unit) = limit(text), unit == .percent, value <= 1 else { return nil }
        return value
    }

    private static func whole(_ number: Double) -> Double? {
        number == number.rounded() && number < 1e15 ? number : nil
    }

    /// Splits `0.5pp` or `0 requests`: a number without sign, at most one space, a unit.
    private static func split(_ text: String) -> (Double, String)? {
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        guard let first = digits.first, first != ".", digits.last != ".",
            let number = Double(digits), number.isFinite
        else { return nil }
        var unit = text.dropFirst(digits.count)
        if unit.first == " " { unit = unit.dropFirst() }
        return unit.isEmpty ? nil : (number, String(unit))
    }
}
