import AssayCore
import Yams

/// A small configuration file as a flat map, JSON Pointer to text, for people to compare.
enum ScalarMap {
    /// Reads YAML or JSON; `nil` for text that is neither, which is compared by its hash then.
    static func read(_ bytes: [UInt8], file: String) -> [String: String]? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        do {
            guard let root = try Yams.compose(yaml: text) else { return nil }
            if case .scalar = root { return nil }
            var map: [String: String] = [:]
            collect(root, at: "", into: &map)
            return map
        } catch {
            return nil
        }
    }

    private static func collect(_ node: Node, at pointer: String, into map: inout [String: String])
    {
        switch node {
        case .scalar(let scalar): map[pointer] = scalar.string
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
