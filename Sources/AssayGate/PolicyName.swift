import AssayConfiguration
import AssayCore

/// The names that a policy gives to its checks and stages.
enum PolicyName {
    /// Throws unless the name is 1 to 100 letters, digits, `.`, `_` and `-`, the first of them a letter
    /// or digit: a stage's name becomes a part of a path in the ledger.
    static func read(_ node: ConfigurationNode) throws(AssayError) -> String {
        let name = try node.text()
        guard (1...100).contains(name.utf8.count), name.utf8.allSatisfy(isPart),
            let first = name.utf8.first, isLetterOrDigit(first)
        else {
            throw node.failure(
                "\(node.name) must hold 1 to 100 letters, digits, `.`, `_` and `-`, a letter or digit "
                    + "first")
        }
        return name
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "._-".utf8.contains(byte)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
