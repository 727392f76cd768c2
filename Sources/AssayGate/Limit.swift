import AssayCore

/// What a check allows, with its unit.
public enum Limit: Hashable, Sendable {
    /// At most this share of the exchanges.
    case share(Double)
    /// At most this many, counted and not estimated; the unit is `requests` or `cases`.
    case census(Int, unit: String)
    /// At most this much more than the baseline, as a share (0.005 is half a percentage point).
    case shareIncrease(Double)
    /// At most this much more than the baseline, relative to it (0.1 is ten percent).
    case relativeIncrease(Double)
    /// At most this long, in nanoseconds.
    case duration(Int64)

    /// The limit as people write it.
    public var text: String {
        switch self {
        case .share(let share): "\(Self.short(share * 100)) %"
        case .census(let count, let unit): "\(count) \(unit)"
        case .shareIncrease(let share): "+\(Self.short(share * 100)) pp"
        case .relativeIncrease(let ratio): "+\(Self.short(ratio * 100)) %"
        case .duration(let nanoseconds): "\(Self.short(Double(nanoseconds) / 1e6)) ms"
        }
    }

    private static func short(_ value: Double) -> String {
        var text = value.fixed(4)
        while text.contains("."), text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
