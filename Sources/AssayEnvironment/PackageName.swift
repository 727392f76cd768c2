/// Names of Python packages (PEP 503): `Scikit_Learn` and `scikit-learn` are one.
public enum PackageName {
    /// The normalised form: lower case, runs of `-`, `_` and `.` as one `-`.
    public static func normalise(_ name: some StringProtocol) -> String {
        var result: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                if result.last != UInt8(ascii: "-") { result.append(UInt8(ascii: "-")) }
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): result.append(byte + 32)
            default: result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Whether `name` can be a package's name: letters and digits at its ends, `.`, `_`, `-` within.
    static func isValid(_ name: some StringProtocol) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case 48...57, 65...90, 97...122: true
            default: false
            }
        }
        guard let first = name.utf8.first, let last = Array(name.utf8).last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && name.utf8.allSatisfy { isAlphanumeric($0) || [45, 46, 95].contains($0) }
    }
}
