/// A set of exchange ids that takes about 16 bytes for each.
struct ExchangeIDs: Sendable {
    private var numbers: Set<UInt64> = []
    private var others: Set<String> = []

    /// Adds an id.
    mutating func insert(_ id: String) {
        if let number = Self.number(id) { numbers.insert(number) } else { others.insert(id) }
    }

    /// Whether an id was added.
    func contains(_ id: String) -> Bool {
        Self.number(id).map(numbers.contains) ?? others.contains(id)
    }

    /// The number that an id of 16 small hexadecimal digits stands for, as nearly all do.
    private static func number(_ id: String) -> UInt64? {
        guard id.utf8.count == 16 else { return nil }
        var number: UInt64 = 0
        for byte in id.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                number = number << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                number = number << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }
}
