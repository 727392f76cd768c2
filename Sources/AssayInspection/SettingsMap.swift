import AssayConfiguration
import AssayCore
import Yams

/// A configuration file as a flat map, JSON Pointer to text, for people to compare.
///
/// A text that would read as something else without its quotes keeps them, so that `3` and `"3"` are
/// two values.
enum SettingsMap {
    /// Reads a file by the ending of its name; `nil` for text that is not of that kind, which is
    /// compared by its hash then.
    static func read(_ bytes: [UInt8], name: String) -> [String: String]? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        do {
            switch name.split(separator: ".").last.map({ $0.lowercased() }) {
            case "json": return try json(bytes, name)
            case "toml": return try toml(bytes, name)
            case "ini", "cfg", "conf", "properties", "env": return IniText.read(text)
            case "yaml", "yml": return try yaml(text)
            default: return nil
            }
        } catch {
            return nil
        }
    }

    /// Whether the name is that of a kind of file that is read here.
    static func reads(_ name: String) -> Bool {
        let endings = [
            "json", "toml", "ini", "cfg", "conf", "properties", "env", "yaml", "yml",
        ]
        return endings.contains { name.lowercased().hasSuffix(".\($0)") }
    }

    private static func json(_ bytes: [UInt8], _ name: String) throws(AssayError) -> [String:
        String]
    {
        var map: [String: String] = [:]
        collect(try JSONParser.parse(bytes, file: name), at: "", into: &map)
        return map
    }

    private static func toml(
        _ bytes: [UInt8], _ name: String
    ) throws(AssayError) -> [String: String] {
        var map: [String: String] = [:]
        collect(try TOMLDocument.parse(bytes, file: name), at: "", into: &map)
        return map
    }

    private static func collect(
        _ value: JSONValue, at pointer: String, into map: inout [String: String]
    ) {
        switch value {
        case .object(let members) where !members.isEmpty:
            for (key, member) in members {
                collect(member, at: "\(pointer)/\(JSONPointer.escape(key))", into: &map)
            }
        case .array(let elements) where !elements.isEmpty:
            for (index, element) in elements.enumerated() {
                collect(element, at: "\(pointer)/\(index)", into: &map)
            }
        case .string(let text): map[pointer] = shown(text)
        case .double:
            let text = String(decoding: CanonicalJSON.encode(value), as: UTF8.self)
            // `1.0` is not the `1` that its canonical form is: a reader may tell the two apart.
            map[pointer] = text.contains { ".eE".contains($0) } ? text : "\(text).0"
        default: map[pointer] = String(decoding: CanonicalJSON.encode(value), as: UTF8.self)
        }
    }

    /// A text as it is shown: in quotes if it would read as a number, a date, a truth value, nothing,
    /// an empty collection, or as a text that stands in quotes.
    private static func shown(_ text: String, amongDates: Bool = false) -> String {
        let tag = plainTag(text)
        // JSON has no dates, and TOML's are texts by the time they are here.
        let isOther =
            (tag != .str && (amongDates || tag != .timestamp)) || text == "[]" || text == "{}"
            || text.hasPrefix("\"")
            || text.hasPrefix("!")
        return isOther ? "\"\(text)\"" : text
    }

    /// What a text without quotes and without a tag is.
    private static func plainTag(_ text: String) -> Tag.Name {
        Resolver.default.resolveTag(of: .scalar(Node.Scalar(text)))
    }

    private static func yaml(_ text: String) throws -> [String: String]? {
        var map: [String: String] = [:]
        var count = 0
        for document in try Yams.compose_all(yaml: text) {
            if case .scalar = document { return nil }
            collect(document, at: count == 0 ? "" : "/#\(count + 1)", into: &map)
            count += 1
        }
        return count > 0 ? map : nil
    }

    /// A scalar as it is shown: with quotes where it would be taken for another type without, and with
    /// its tag where that is not the one it would have without.
    private static func text(of scalar: Node.Scalar) -> String {
        let isPlain = scalar.style == .plain || scalar.style == .any
        let text = isPlain ? scalar.string : shown(scalar.string, amongDates: true)
        let usual = isPlain ? plainTag(scalar.string) : .str
        let tag = Node.scalar(scalar).tag.description
        return tag == usual.rawValue ? text : "!\(tag) \(text)"
    }

    private static func collect(_ node: Node, at pointer: String, into map: inout [String: String])
    {
        switch node {
        case .scalar(let scalar): map[pointer] = text(of: scalar)
        case .sequence(let sequence):
            if node.tag.description != Tag.Name.seq.rawValue {
                map["\(pointer)#tag"] = "!\(node.tag)"
            }
            if sequence.isEmpty { map[pointer] = "[]" }
            for (index, element) in sequence.enumerated() {
                collect(element, at: "\(pointer)/\(index)", into: &map)
            }
        case .mapping(let mapping):
            if node.tag.description != Tag.Name.map.rawValue {
                map["\(pointer)#tag"] = "!\(node.tag)"
            }
            if mapping.isEmpty { map[pointer] = "{}" }
            for (key, value) in mapping {
                // A key that is a collection is as good as its place in the file.
                let name = key.scalar.map(text(of:)) ?? "\(key)"
                collect(value, at: "\(pointer)/\(JSONPointer.escape(name))", into: &map)
            }
        case .alias(let alias): map[pointer] = "*\(alias.anchor)"
        }
    }
}
