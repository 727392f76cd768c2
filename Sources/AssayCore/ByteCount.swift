/// A number of bytes, shown with a binary unit.
public struct ByteCount: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number of bytes.
    public let bytes: Int

    /// Makes a count.
    public init(_ bytes: Int) {
        self.bytes = bytes
    }

    /// Reads a count with a binary unit, as in `64 MiB`, `2GiB` or `1000`; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = String(text.dropFirst(digits.count).filter { $0 != " " }).lowercased()
        let shifts = ["": 0, "b": 0, "kib": 10, "mib": 20, "gib": 30, "tib": 40]
        guard let number = Int(digits), let shift = shifts[unit],
            number <= Int.max >> shift
        else { return nil }
        bytes = number << shift
    }

    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

    /// Three significant digits and a unit, as in `2.75 MiB`; plain bytes below 1 KiB.
    public var description: String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        if unit == 0 { return "\(bytes) B" }
        let decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2
        return "\(value.fixed(decimals)) \(units[unit])"
    }
}
