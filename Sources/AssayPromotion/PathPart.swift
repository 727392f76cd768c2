import AssayCore

/// The rule for names that become parts of a path inside the ledger.
enum PathPart {
    /// Throws unless the name is letters, digits and `-._`, starting with a letter or digit.
    static func check(_ name: String, _ what: String) throws(AssayError) {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isPlain, let first = name.unicodeScalars.first,
            first.properties.isAlphabetic
                || ("0"..."9").contains(first), name.utf8.count <= 100
        else {
            throw AssayError(
                .usage, "\(what), \(name.debugDescription), cannot be used in the ledger",
                hint: "use letters, digits, - . and _")
        }
    }
}
