import AssayCore

/// Headers of model files, written as their formats say.
enum ModelFiles {
    /// The header of a safetensors file, with its length in front.
    static func safetensors(_ tensors: [(name: String, range: Range<Int>)]) -> [UInt8] {
        var members: [String: JSONValue] = ["__metadata__": ["format": "pt"]]
        for tensor in tensors {
            members[tensor.name] = [
                "dtype": "U8", "shape": [JSONValue(tensor.range.count)],
                "data_offsets": [
                    JSONValue(tensor.range.lowerBound), JSONValue(tensor.range.upperBound),
                ],
            ]
        }
        var json = CanonicalJSON.encode(.object(members))
        while json.count % 8 != 0 { json.append(0x20) }
        return little(UInt64(json.count), 8) + json
    }

    /// A safetensors header for tensors of these sizes in a row.
    static func safetensors(sizes: [Int]) -> [UInt8] {
        var offset = 0
        return safetensors(
            sizes.enumerated().map { index, size in
                defer { offset += size }
                return ("layer.\(index)", offset..<offset + size)
            })
    }

    /// A GGUF header with some values of every kind and tensors at these offsets, padded.
    static func gguf(offsets: [Int], version: UInt64 = 3, alignment: Int = 64) -> [UInt8] {
        var bytes = Array("GGUF".utf8) + little(version, 4)
        bytes += little(UInt64(offsets.count), 8) + little(5, 8)
        func key(_ name: String, _ type: UInt64) { bytes += text(name) + little(type, 4) }
        key("general.name", 8)
        bytes += text("model")
        key("general.alignment", 4)
        bytes += little(UInt64(alignment), 4)
        key("tokens", 9)
        bytes += little(8, 4) + little(3, 8) + text("a") + text("bc") + text("")
        key("scores", 9)
        bytes += little(6, 4) + little(2, 8) + [0, 0, 128, 63, 0, 0, 0, 64]
        key("flag", 7)
        bytes.append(1)
        for (index, offset) in offsets.enumerated() {
            bytes += text("blk.\(index).weight") + little(2, 4) + little(16, 8) + little(16, 8)
            bytes += little(0, 4) + little(UInt64(offset), 8)
        }
        while bytes.count % alignment != 0 { bytes.append(0) }
        return bytes
    }

    private static func text(_ text: String) -> [UInt8] {
        little(UInt64(text.utf8.count), 8) + Array(text.utf8)
    }

    static func little(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
}
