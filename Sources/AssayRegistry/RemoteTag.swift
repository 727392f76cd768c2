public import AssayCore
import AssayStore

/// The tags under which a repository of a registry keeps what a store names by refs.
///
/// `bundle-<64 hex of the id>`, `evidence-<64 hex of the digest>`, `pins-<64 hex of the key>` and
/// `capture-<name>`, where `/`, `+` and `@` of the name become `__`,
/// `_-` and `_.`; no name has two of these side by side, so that nothing is lost.
public enum RemoteTag {
    /// The tag of a bundle.
    public static func bundle(_ id: Digest) -> String { "bundle-\(id.hex)" }

    /// The bundle of a tag; `nil` for another tag.
    public static func bundle(of tag: String) -> Digest? {
        tag.hasPrefix("bundle-") ? Digest(hex: tag.dropFirst(7)) : nil
    }

    /// The tag of the contents that an `assay.lock` pins, by the key of the set.
    public static func pins(_ key: Digest) -> String { "pins-\(key.hex)" }

    /// The tag of evidence, by the digest of its head.
    public static func evidence(_ digest: Digest) -> String { "evidence-\(digest.hex)" }

    /// The evidence of a tag; `nil` for another tag.
    public static func evidence(of tag: String) -> Digest? {
        tag.hasPrefix("evidence-") ? Digest(hex: tag.dropFirst(9)) : nil
    }

    /// The tag of a capture, by its name without `capture/`. Throws `.usage` for what no store takes as
    /// a name, `.limit` for a name that gives a tag of more than 128 characters.
    public static func capture(_ name: String) throws(AssayError) -> String {
        try RefName.check(name)
        var tag = "capture-"
        for character in name {
            switch character {
            case "/": tag += "__"
            case "+": tag += "_-"
            case "@": tag += "_."
            default: tag.append(character)
            }
        }
        guard tag.utf8.count <= 128 else {
            throw AssayError(
                .limit,
                "the capture's name `\(name)` is too long for a registry: as a tag it has "
                    + "\(tag.utf8.count) characters, at most 128",
                hint: "import it under a shorter name")
        }
        return tag
    }

    /// The capture of a tag; `nil` for another tag.
    public static func capture(of tag: String) -> String? {
        guard tag.hasPrefix("capture-") else { return nil }
        var name = ""
        var rest = tag.dropFirst(8)
        while let character = rest.popFirst() {
            if character == "_", let second = rest.first,
                let plain = ["_": "/", "-": "+", ".": "@"][second]
            {
                name += plain
                rest.removeFirst()
            } else {
                name.append(character)
            }
        }
        return name.isEmpty ? nil : name
    }
}
