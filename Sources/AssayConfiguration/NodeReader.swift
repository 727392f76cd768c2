import AssayCore
import Yams

/// Turns the parser's nodes into ours and refuses what the subset leaves out.
struct NodeReader {
    let file: String
    /// Lines that stand before the person's own first line.
    let linesBefore: Int

    func read(_ node: Node, path: String, depth: Int) throws(AssayError) -> ConfigurationNode {
        let location = place(node)
        func fail(_ message: String, hint: String? = nil) -> AssayError {
            AssayError(.invalidDocument, message, hint: hint, at: location)
        }
        guard depth <= ConfigurationDocument.maximumDepth else {
            throw fail("lists and mappings nest deeper than \(ConfigurationDocument.maximumDepth)")
        }
        guard node.anchor == nil else { throw fail("anchors are not allowed") }
        switch node {
        case .alias:
            throw fail("aliases are not allowed")
        case .scalar(let scalar):
            guard scalar.tag.rawValue.isEmpty || scalar.tag.rawValue == Tag.Name.str.rawValue else {
                throw fail("tags are not allowed", hint: "put text that starts with `!` in quotes")
            }
            return ConfigurationNode(
                .text(scalar.string, isPlain: scalar.style == .plain || scalar.style == .any),
                at: location, path: path)
        case .sequence(let sequence):
            guard sequence.tag.rawValue.isEmpty || sequence.tag.rawValue == Tag.Name.seq.rawValue
            else { throw fail("tags are not allowed") }
            var elements: [ConfigurationNode] = []
            for element in sequence {
                let child = "\(path)[\(elements.count)]"
                elements.append(try read(element, path: child, depth: depth + 1))
            }
            return ConfigurationNode(.list(elements), at: location, path: path)
        case .mapping(let mapping):
            guard mapping.tag.rawValue.isEmpty || mapping.tag.rawValue == Tag.Name.map.rawValue
            else { throw fail("tags are not allowed") }
            return ConfigurationNode(
                .mapping(try entries(of: mapping, path: path, depth: depth)), at: location,
                path: path)
        }
    }

    private func entries(
        of mapping: Node.Mapping, path: String, depth: Int
    ) throws(AssayError) -> [ConfigurationNode.Entry] {
        var entries: [ConfigurationNode.Entry] = []
        var seen: [String: SourceLocation] = [:]
        for (key, value) in mapping {
            let location = place(key)
            func fail(_ message: String, hint: String? = nil) -> AssayError {
                AssayError(.invalidDocument, message, hint: hint, at: location)
            }
            let keyNode = try read(key, path: path, depth: depth + 1)
            guard case .text(let name, let isPlain) = keyNode.content else {
                throw fail("a key must be text")
            }
            guard !isPlain || !name.isEmpty else { throw fail("a key is missing") }
            guard !isPlain || name != "<<" else {
                throw fail("merge keys are not allowed", hint: "write the members out")
            }
            if let first = seen.updateValue(location, forKey: name) {
                throw fail("key `\(name)` is written twice; first in line \(first.line)")
            }
            let child = path.isEmpty ? name : "\(path).\(name)"
            entries.append(
                ConfigurationNode.Entry(
                    key: name, location: location,
                    value: try read(value, path: child, depth: depth + 1)))
        }
        return entries
    }

    private func place(_ node: Node) -> SourceLocation {
        SourceLocation(
            file: file, line: max(1, (node.mark?.line ?? 1) - linesBefore),
            column: max(1, node.mark?.column ?? 1))
    }
}
