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
        default: map[pointer] = String(decoding: CanonicalJSON.encode(value), as: UTF8.self)
        }
    }

    /// A text as it is shown: in quotes if it would read as a number, a truth value or nothing.
    private static func shown(_ text: String) -> String {
        let node = Node.Scalar(text)
        let tag = Resolver.default.resolveTag(of: .scalar(node))
        let isOther = tag == .int || tag == .float || tag == .bool || tag == .null
        return isOther ? "\"\(text)\"" : text
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

    private static func collect(_ node: Node, at pointer: String, into map: inout [String: String])
    {
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            map[pointer] = isPlain ? scalar.string : shown(scalar.string)
        case .sequence(let sequence):
            if sequence.isEmpty { map[pointer] = "[]" }
            for (index, element) in sequence.enumerated() {
                collect(element, at: "\(pointer)/\(index)", into: &map)
            }
        case .mapping(let mapping):
            if mapping.isEmpty { map[pointer] = "{}" }
            for (key, value) in mapping {
                let name = key.scalar?.string ?? "?"
                collect(value, at: "\(pointer)/\(JSONPointer.escape(name))", into: &map)
            }
        case .alias(let alias): map[pointer] = "*\(alias.anchor)"
        }
    }
}
