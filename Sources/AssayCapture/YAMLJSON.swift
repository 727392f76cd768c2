import AssayCore
import Yams

/// Writes a YAML node as compact JSON, members in their order.
enum YAMLJSON {
    /// Throws `.unsupported` for more than a body may hold, as a few aliases of aliases become.
    static func append(_ node: Node, to bytes: inout [UInt8]) throws(AssayError) {
        guard bytes.count <= ContentCoding.maximumBody else {
            throw AssayError(
                .unsupported,
                "a parsed body is larger than \(ByteCount(ContentCoding.maximumBody))")
        }
        switch node {
        case .mapping(let mapping):
            var mark = UInt8(ascii: "{")
            for (name, value) in mapping {
                bytes.append(mark)
                CanonicalJSON.appendString(name.scalar?.string ?? "", to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                try append(value, to: &bytes)
                mark = UInt8(ascii: ",")
            }
            if mapping.isEmpty { bytes.append(mark) }
            bytes.append(UInt8(ascii: "}"))
        case .sequence(let sequence):
            var mark = UInt8(ascii: "[")
            for value in sequence {
                bytes.append(mark)
                try append(value, to: &bytes)
                mark = UInt8(ascii: ",")
            }
            if sequence.isEmpty { bytes.append(mark) }
            bytes.append(UInt8(ascii: "]"))
        case .scalar(let scalar): append(scalar, tag: node.tag.description, to: &bytes)
        default: bytes += "null".utf8
        }
    }

    private static func append(_ scalar: Node.Scalar, tag: String, to bytes: inout [UInt8]) {
        let text = scalar.string
        switch tag {
        case "tag:yaml.org,2002:null": bytes += "null".utf8
        case "tag:yaml.org,2002:bool":
            let isTrue = ["true", "yes", "on", "y"].contains(text.lowercased())
            bytes += (isTrue ? "true" : "false").utf8
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float":
            // Digits that JSON takes stay as they are, so that no number is rounded.
            if isNumber(text) {
                bytes += text.utf8
            } else if let number = Double(text), number.isFinite {
                bytes += "\(number)".utf8
            } else {
                CanonicalJSON.appendString(text, to: &bytes)
            }
        default: CanonicalJSON.appendString(text, to: &bytes)
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        // What the parser refuses is no number.
        guard case .integer? = try? JSONParser.parse(Array(text.utf8), file: "number") else {
            if case .double? = try? JSONParser.parse(Array(text.utf8), file: "number") {
                return true
            }
            return false
        }
        return true
    }
}
