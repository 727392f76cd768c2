import AssayCore
import AssaySystem
import SystemPackage

/// Reads what an ONNX model holds: its operators and its initialisers, with their places.
///
/// Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, in the wire format of Protocol
/// Buffers. Only the fields that are compared are looked at; tensors are not loaded.
struct ONNXReader: ~Copyable {
    private var cursor: FileCursor
    private let path: FilePath
    private var facts: [String: String] = [:]
    private var operators: [String: Int] = [:]
    private var nodes = SHA256Hasher()
    private var tensors: [String: TensorFile.Tensor] = [:]

    static func read(_ path: FilePath) throws(AssayError) -> TensorFile {
        let file = try OpenFile.reading(path)
        var reader = ONNXReader(cursor: try FileCursor(file, path: path, from: 0), path: path)
        try reader.model()
        let nodes = reader.nodes
        for (name, count) in reader.operators { reader.facts["operator \(name)"] = String(count) }
        reader.facts["graph"] = nodes.finish().short
        return TensorFile(
            format: "ONNX", facts: reader.facts, tensors: reader.tensors, path: path)
    }

    private init(cursor: consuming FileCursor, path: FilePath) {
        self.cursor = cursor
        self.path = path
    }

    /// The number, the wire type and the end of the field that begins here.
    private mutating func field(
        end: Int
    ) throws(AssayError) -> (number: UInt64, wire: UInt64, end: Int) {
        let tag = try cursor.varint()
        let wire = tag & 7
        let length: Int
        switch wire {
        case 0: length = 0
        case 1: length = 8
        case 2:
            let value = try cursor.varint()
            guard value <= UInt64(max(0, end - cursor.position)) else { throw notONNX() }
            length = Int(value)
        case 5: length = 4
        default: throw notONNX()
        }
        return (tag >> 3, wire, cursor.position + length)
    }

    private mutating func pass(_ field: (number: UInt64, wire: UInt64, end: Int))
        throws(AssayError)
    {
        if field.wire == 0 {
            _ = try cursor.varint()
        } else {
            try cursor.skip(field.end - cursor.position)
        }
    }

    private mutating func text(
        _ field: (number: UInt64, wire: UInt64, end: Int)
    ) throws(AssayError) -> String {
        guard field.wire == 2, field.end - cursor.position <= 1 << 20 else { throw notONNX() }
        return String(decoding: try cursor.bytes(field.end - cursor.position), as: UTF8.self)
    }

    private mutating func model() throws(AssayError) {
        var hasGraph = false
        while cursor.position < cursor.size {
            let field = try field(end: cursor.size)
            switch (field.number, field.wire) {
            case (1, 0): facts["ir_version"] = String(try cursor.varint())
            case (2, 2): facts["producer"] = try text(field)
            case (3, 2): facts["producer_version"] = try text(field)
            case (7, 2):
                hasGraph = true
                try graph(end: field.end)
            case (8, 2): try opset(end: field.end)
            default: try pass(field)
            }
        }
        guard hasGraph else { throw notONNX() }
    }

    private mutating func opset(end: Int) throws(AssayError) {
        var domain = "ai.onnx"
        var version: UInt64 = 0
        while cursor.position < end {
            let field = try field(end: end)
            switch (field.number, field.wire) {
            case (1, 2):
                let name = try text(field)
                if !name.isEmpty { domain = name }
            case (2, 0): version = try cursor.varint()
            default: try pass(field)
            }
        }
        facts["opset \(domain)"] = String(version)
    }

    private mutating func graph(end: Int) throws(AssayError) {
        while cursor.position < end {
            let field = try field(end: end)
            switch (field.number, field.wire) {
            case (1, 2): try node(end: field.end)
            case (5, 2): try tensor(end: field.end)
            default: try pass(field)
            }
        }
    }

    private mutating func node(end: Int) throws(AssayError) {
        let start = cursor.position
        var kind = "?"
        while cursor.position < end {
            let field = try field(end: end)
            if field.number == 4, field.wire == 2 {
                kind = try text(field)
            } else {
                try pass(field)
            }
        }
        operators[kind, default: 0] += 1
        // Attributes may be large; they are hashed in pieces.
        var position = start
        try cursor.seek(start)
        while position < end {
            let count = min(end - position, 1 << 16)
            nodes.update(Array(try cursor.bytes(count)))
            position += count
        }
    }

    private mutating func tensor(end: Int) throws(AssayError) {
        var shape: [Int] = []
        var type: UInt64 = 0
        var name = "tensor \(tensors.count)"
        var place: Range<Int>?
        while cursor.position < end {
            let field = try field(end: end)
            switch (field.number, field.wire) {
            case (1, 0): shape.append(Int(clamping: try cursor.varint()))
            case (1, 2):
                while cursor.position < field.end {
                    shape.append(Int(clamping: try cursor.varint()))
                }
            case (2, 0): type = try cursor.varint()
            case (8, 2): name = try text(field)
            // Packed lists of fixed numbers lie in the file as raw data does.
            case (4, 2), (9, 2), (10, 2):
                place = cursor.position..<field.end
                try pass(field)
            default: try pass(field)
            }
        }
        guard cursor.position == end, let elements = TensorFile.elements(shape) else {
            throw notONNX()
        }
        let known = Self.types[type]
        let element = known.flatMap { ElementType(rawValue: $0) }
        // Half-precision and small whole numbers may also be spelled out as varints: by bytes then.
        let isRaw = element.map { $0.block.bytes * elements == place?.count } ?? false
        tensors[name] = .init(
            typeName: known ?? "type \(type)", type: isRaw ? element : nil, shape: shape,
            place: place)
    }

    private func notONNX() -> AssayError {
        AssayError(
            .damaged, "could not read \(path): byte \(cursor.position) is not as ONNX says")
    }

    private static let types: [UInt64: String] = [
        1: "F32", 2: "U8", 3: "I8", 4: "U16", 5: "I16", 6: "I32", 7: "I64", 9: "BOOL", 10: "F16",
        11: "F64", 12: "U32", 13: "U64", 16: "BF16", 17: "F8_E4M3", 19: "F8_E5M2",
    ]
}
