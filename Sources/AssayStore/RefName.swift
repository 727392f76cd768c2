public import AssayCore

/// The rules for names of refs: what a path, an OCI reference and a person can all take.
public enum RefName {
    /// Throws unless `name` is one or more parts joined by `/`; each part starts and ends with a
    /// letter or digit, holds those and single `-._+@` between them, and has at most 128 bytes.
    ///
    /// This is the grammar of references in OCI layouts, so that `skopeo` takes every name as it is.
    public static func check(_ name: String) throws(AssayError) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, name.utf8.count <= 512, parts.allSatisfy(isPart) else {
            throw AssayError(
                .usage,
                "the name \"\(name.debugDescription.dropFirst().dropLast())\" cannot be used in the store",
                hint: "use letters, digits and single -._+@ between them, with / between parts")
        }
    }

    private static func isPart(_ part: Substring) -> Bool {
        guard (1...128).contains(part.utf8.count) else { return false }
        var afterSeparator = true
        for byte in part.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                afterSeparator = false
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"),
                UInt8(ascii: "@"):
                if afterSeparator { return false }
                afterSeparator = true
            default: return false
            }
        }
        return !afterSeparator
    }
}
