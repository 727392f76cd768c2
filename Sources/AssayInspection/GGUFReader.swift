import AssayCore
import AssaySystem
import SystemPackage

/// Reads the header of a GGUF file, versions 2 and 3, little-endian.
///
/// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
struct GGUFReader: ~Copyable {
    private var cursor: FileCursor
    private let path: FilePath

    /// The tensors; `nil` if the file does not begin as one.
    static func read(_ path: FilePath) throws(AssayError) -> TensorFile? {
        let file = try OpenFile.reading(path)
        guard try file.status().size >= 24, try file.read(count: 4, at: 0) == Array("GGUF".utf8)
        else { return nil }
        var reader = GGUFReader(
            cursor: try FileCursor(file, path: path, from: 4), path: path)
        return try reader.header()
    }

    private init(cursor: consuming FileCursor, path: FilePath) {
        self.cursor = cursor
        self.path = path
    }

    private mutating func header() throws(AssayError) -> TensorFile {
        let version = try cursor.uint32()
        guard version == 2 || version == 3 else {
            throw AssayError(
                .unsupported, "\(path) is GGUF of version \(version); 2 and 3 are read here")
        }
        let (tensorCount, factCount) = (try cursor.count(), try cursor.count())
        var facts: [String: String] = [:]
        for _ in 0..<factCount {
            let key = try cursor.text()
            facts[key] = try value(try cursor.uint32(), depth: 0)
        }
        var infos: [(name: String, shape: [Int], type: UInt32, offset: Int)] = []
        for _ in 0..<tensorCount {
            let name = try cursor.text()
            var shape: [Int] = []
            let dimensions = try cursor.uint32()
            guard dimensions <= 16 else { throw damaged("a tensor of \(dimensions) dimensions") }
            for _ in 0..<dimensions { shape.append(try cursor.count()) }
            infos.append((name, shape, try cursor.uint32(), try cursor.count()))
        }
        let alignment = facts["general.alignment"].flatMap { Int($0) } ?? 32
        guard alignment > 0, alignment <= 1 << 20 else { throw damaged("its alignment") }
        let data = (cursor.position + alignment - 1) / alignment * alignment
        var tensors: [String: TensorFile.Tensor] = [:]
        for info in infos {
            let kind = Self.types[info.type]
            guard let elements = TensorFile.elements(info.shape) else {
                throw damaged("the shape of \(info.name)")
            }
            var place: Range<Int>?
            if let kind {
                let bytes = (elements + kind.elements - 1) / kind.elements * kind.bytes
                let start = data + info.offset
                guard start >= data, bytes <= cursor.size, start <= cursor.size - bytes else {
                    throw damaged("\(info.name) lies beyond its end")
                }
                place = start..<(start + bytes)
            }
            tensors[info.name] = .init(
                typeName: kind?.name ?? "type \(info.type)",
                type: kind.flatMap { ElementType(rawValue: $0.name) }, shape: info.shape,
                place: place)
        }
        return TensorFile(format: "GGUF", facts: facts, tensors: tensors, path: path)
    }

    /// One value of the metadata as a text; long arrays by their length and hash.
    private mutating func value(_ type: UInt32, depth: Int) throws(AssayError) -> String {
        switch type {
        case 0: return String(try cursor.integer(UInt8.self))
        case 1: return String(try cursor.integer(Int8.self))
        case 2: return String(try cursor.integer(UInt16.self))
        case 3: return String(try cursor.integer(Int16.self))
        case 4: return String(try cursor.uint32())
        case 5: return String(try cursor.integer(Int32.self))
        case 6: return "\(Float(bitPattern: try cursor.uint32()))"
        case 7: return try cursor.integer(UInt8.self) == 0 ? "false" : "true"
        case 8: return try cursor.text()
        case 9:
            guard depth < 4 else { throw damaged("its metadata is nested too deeply") }
            let element = try cursor.uint32()
            let count = try cursor.count()
            var hasher = SHA256Hasher()
            var shown: [String] = []
            for _ in 0..<count {
                let text = try value(element, depth: depth + 1)
                hasher.update(Array(text.utf8) + [0])
                if shown.count < 9 { shown.append(text) }
            }
            return count <= 8
                ? "[\(shown.joined(separator: ", "))]"
                : "\(count) values, \(hasher.finish().short)"
        case 10: return String(try cursor.integer(UInt64.self))
        case 11: return String(try cursor.integer(Int64.self))
        case 12: return "\(Double(bitPattern: try cursor.integer(UInt64.self)))"
        default: throw damaged("a value of type \(type)")
        }
    }

    private func damaged(_ what: String) -> AssayError {
        AssayError(.damaged, "could not read \(path): \(what) is not as GGUF says")
    }

    /// GGML's types: their names, and how many bytes hold how many elements.
    private static let types: [UInt32: (name: String, bytes: Int, elements: Int)] = [
        0: ("F32", 4, 1), 1: ("F16", 2, 1), 2: ("Q4_0", 18, 32), 3: ("Q4_1", 20, 32),
        6: ("Q5_0", 22, 32), 7: ("Q5_1", 24, 32), 8: ("Q8_0", 34, 32), 9: ("Q8_1", 36, 32),
        10: ("Q2_K", 84, 256), 11: ("Q3_K", 110, 256), 12: ("Q4_K", 144, 256),
        13: ("Q5_K", 176, 256), 14: ("Q6_K", 210, 256), 15: ("Q8_K", 292, 256),
        16: ("IQ2_XXS", 66, 256), 17: ("IQ2_XS", 74, 256), 18: ("IQ3_XXS", 98, 256),
        19: ("IQ1_S", 50, 256), 20: ("IQ4_NL", 18, 32), 21: ("IQ3_S", 110, 256),
        22: ("IQ2_S", 82, 256), 23: ("IQ4_XS", 136, 256), 24: ("I8", 1, 1), 25: ("I16", 2, 1),
        26: ("I32", 4, 1), 27: ("I64", 8, 1), 28: ("F64", 8, 1), 29: ("IQ1_M", 56, 256),
        30: ("BF16", 2, 1),
    ]
}
