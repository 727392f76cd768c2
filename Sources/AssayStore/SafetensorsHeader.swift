import AssayCore

/// What the cuts need of the header of a safetensors file: where its tensors lie.
///
/// Format: eight bytes with the length of the header, little-endian, the header as a JSON object,
/// then the tensors. <https://github.com/huggingface/safetensors#format>
enum SafetensorsHeader {
    /// Headers above this are not looked at; that is room for some 80,000 tensors.
    static let limit = 8 << 20

    /// How many bytes the header takes together with its length; `nil` if these are not the first
    /// bytes of such a file. Looks at nine bytes.
    static func size(_ start: [UInt8], fileSize: Int) -> Int? {
        guard start.count >= 9, start[8] == UInt8(ascii: "{") else { return nil }
        let length = start[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length >= 2, length <= UInt64(limit), fileSize >= 8 + Int(length) else { return nil }
        return 8 + Int(length)
    }

    /// Where the tensors lie in the file; `nil` for a header that does not follow its format.
    ///
    /// `header` is as long as `size` said. Memory grows with the header, which is bounded.
    static func layout(_ header: [UInt8], fileSize: Int) -> TensorLayout? {
        guard header.count > 8, fileSize >= header.count,
            case .object(let members)? = try? JSONParser.parse(
                Array(header[8...]), file: "safetensors")
        else { return nil }
        let room = fileSize - header.count
        var tensors: [Range<Int>] = []
        for (name, value) in members where name != "__metadata__" {
            guard case .object(let tensor) = value,
                case .array(let offsets)? = tensor["data_offsets"], offsets.count == 2,
                case .integer(let first) = offsets[0], case .integer(let last) = offsets[1],
                0 <= first, first <= last, last <= room
            else { return nil }
            tensors.append(header.count + Int(first)..<header.count + Int(last))
        }
        return TensorLayout(headerSize: header.count, tensors: tensors, fileSize: fileSize)
    }
}
