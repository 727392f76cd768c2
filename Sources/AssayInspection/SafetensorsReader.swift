import AssayCore
import AssaySystem
import SystemPackage

/// Reads the header of a safetensors file.
///
/// Format: https://github.com/huggingface/safetensors#format: eight bytes with the length of a JSON
/// object, the object, then the bytes of the tensors in a row.
enum SafetensorsReader {
    private static let maximumHeader = 100_000_000

    /// The tensors; `nil` if the file does not begin as one.
    static func read(_ path: FilePath) throws(AssayError) -> TensorFile? {
        let file = try OpenFile.reading(path)
        let size = try file.status().size
        guard size >= 10 else { return nil }
        let start = try file.read(count: 9, at: 0)
        let length = start[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard start[8] == UInt8(ascii: "{"), length >= 2, length <= UInt64(maximumHeader),
            Int(length) <= size - 8
        else { return nil }
        let header = try file.read(count: Int(length), at: 8)
        let name = "the header of \(path)"
        let root = JSONReader(try JSONParser.parse(header, file: name), document: name)
        var tensors: [String: TensorFile.Tensor] = [:]
        var facts: [String: String] = [:]
        let data = 8 + Int(length)
        for (key, value) in try root.members() {
            if key == "__metadata__" {
                facts = try value.stringMap()
                continue
            }
            tensors[key] = try tensor(value, data: data, size: size)
        }
        return TensorFile(format: "safetensors", facts: facts, tensors: tensors, path: path)
    }

    private static func tensor(
        _ value: JSONReader, data: Int, size: Int
    ) throws(AssayError) -> TensorFile.Tensor {
        let typeName = try value["dtype"].string()
        let type = ElementType(rawValue: typeName)
        var shape: [Int] = []
        for element in try value["shape"].elements() { shape.append(try element.integer()) }
        let offsets = try value["data_offsets"].elements()
        guard offsets.count == 2 else { throw value["data_offsets"].mismatch("two offsets") }
        let (start, end) = (try offsets[0].integer(), try offsets[1].integer())
        guard start >= 0, start <= end, end <= size - data else {
            throw value["data_offsets"].mismatch("a place inside the file")
        }
        guard let elements = TensorFile.elements(shape) else {
            throw value["shape"].mismatch("the shape of a tensor")
        }
        if let type, elements * type.block.bytes != end - start {
            throw value["data_offsets"].mismatch("as many bytes as the shape needs")
        }
        return .init(
            typeName: typeName, type: type, shape: shape, place: (data + start)..<(data + end))
    }
}
