extension Exchange {
    /// A century in nanoseconds: nothing takes longer.
    private static let century: Int64 = 100 * 366 * 86_400 * 1_000_000_000

    /// When times begin that say when something was: formats that hold none are given an order alone, from
    /// 1970 on, and have no age. In nanoseconds since 1970.
    static let firstKnownTime: Int64 = 365 * 86_400 * 1_000_000_000

    /// Whether a start, in nanoseconds since 1970, says when something was.
    public static func isKnown(startedAt time: Int64) -> Bool { time >= firstKnownTime }

    /// Why an exchange cannot be held whose times are not possible.
    static let impossibleTimes = "a time is more than a century away, or before 1824 or after 2116"

    /// Whether a start is near enough to 1970 that the distance of two, and a century more, can be
    /// computed in 64 bits.
    static func isPossible(startedAt time: Int64) -> Bool { abs(time / 2) <= Int64.max / 4 }

    /// Whether a time after the start, or before it, is one that can be computed with.
    static func isPossible(after time: Int64) -> Bool { (-century...century).contains(time) }

    /// Whether all times are ones that can be computed with.
    var hasPossibleTimes: Bool {
        Self.isPossible(startedAt: startedAt) && Self.isPossible(after: firstByteAfter)
            && Self.isPossible(after: endedAfter)
            && egress.allSatisfy {
                Self.isPossible(after: $0.startedAfter) && Self.isPossible(after: $0.endedAfter)
            }
    }
}
