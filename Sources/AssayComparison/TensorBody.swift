import CSimdjson

/// An answer of the Open Inference Protocol whose tensors follow a JSON header as raw bytes
/// (the binary tensor data extension of KServe and Triton), as the JSON form of the same answer:
/// each output gets `data`, its elements in row-major order.
enum TensorBody {
    /// `nil` unless the header is JSON and the sizes it gives make up the rest of the body.
    static func document(
        _ body: ArraySlice<UInt8>, header: Int, parser: borrowing JSONDocument
    ) -> ArraySlice<UInt8>? {
        guard header >= 0, header <= body.count else { return nil }
        let head = body.prefix(header)
        guard parser.parse(head) == nil else { return nil }
        var rest = body.dropFirst(header)
        var text = JSONText()
        var copied = head.startIndex
        for output in outputs(parser) {
            guard let size = output.size, size >= 0, size <= rest.count,
                let tensor = Tensor(rawValue: output.type)
            else { return nil }
            // The data stand before the brace that closes their output.
            let place = head.startIndex + output.end - 1
            text.raw(head[copied..<place])
            text.raw(",\"data\":[")
            guard tensor.write(rest.prefix(size), &text) else { return nil }
            text.raw("]")
            copied = place
            rest = rest.dropFirst(size)
        }
        guard rest.isEmpty else { return nil }
        text.raw(head[copied...])
        return text.bytes[...]
    }

    /// An output whose data is not in the header: its type, the bytes of its data, where it ends.
    private struct Output {
        let type: String
        let size: Int?
        let end: Int
    }

    private static func outputs(_ parser: borrowing JSONDocument) -> [Output] {
        let view = unsafe parser.view
        guard let list = unsafe member("outputs", of: 0, in: view) else { return [] }
        var found: [Output] = []
        var node = list + 1
        let end = unsafe Int(view.nodes[list].next)
        while node < end {
            let output = unsafe view.nodes[node]
            if let parameters = unsafe member("parameters", of: node, in: view),
                let size = unsafe member("binary_data_size", of: parameters, in: view)
            {
                let type = unsafe member("datatype", of: node, in: view).map {
                    unsafe String(decoding: view.text(view.nodes[$0]), as: UTF8.self)
                }
                let digits = unsafe String(decoding: view.raw(view.nodes[size]), as: UTF8.self)
                found.append(
                    Output(
                        type: type ?? "", size: Int(digits),
                        end: Int(output.offset) + Int(output.length)))
            }
            node = unsafe Int(view.nodes[node].next)
        }
        return found
    }

    private static func member(_ name: String, of node: Int, in view: JSONView) -> Int? {
        guard unsafe view.nodes[node].kind == ASSAY_JSON_OBJECT.rawValue else { return nil }
        let end = unsafe Int(view.nodes[node].next)
        var place = node + 1
        while place < end {
            if unsafe view.text(view.nodes[place]).elementsEqual(name.utf8) { return place + 1 }
            place = unsafe Int(view.nodes[place + 1].next)
        }
        return nil
    }
}

/// The element types of tensors in the Open Inference Protocol.
private enum Tensor: String {
    case bool = "BOOL", bytes = "BYTES"
    case uint8 = "UINT8", uint16 = "UINT16", uint32 = "UINT32", uint64 = "UINT64"
    case int8 = "INT8", int16 = "INT16", int32 = "INT32", int64 = "INT64"
    case half = "FP16", brain = "BF16", single = "FP32", double = "FP64"

    /// Writes elements, little-endian, as JSON values; false if the bytes are no whole number of them.
    func write(_ bytes: ArraySlice<UInt8>, _ text: inout JSONText) -> Bool {
        switch self {
        case .bytes: return writeStrings(bytes, &text)
        case .bool: return each(bytes, UInt8.self, &text) { $0 == 0 ? "false" : "true" }
        case .uint8: return each(bytes, UInt8.self, &text, \.description)
        case .uint16: return each(bytes, UInt16.self, &text, \.description)
        case .uint32: return each(bytes, UInt32.self, &text, \.description)
        case .uint64: return each(bytes, UInt64.self, &text, \.description)
        case .int8: return each(bytes, UInt8.self, &text) { Int8(bitPattern: $0).description }
        case .int16: return each(bytes, UInt16.self, &text) { Int16(bitPattern: $0).description }
        case .int32: return each(bytes, UInt32.self, &text) { Int32(bitPattern: $0).description }
        case .int64: return each(bytes, UInt64.self, &text) { Int64(bitPattern: $0).description }
        case .half: return each(bytes, UInt16.self, &text) { Self.text(Self.half($0)) }
        case .brain:
            return each(bytes, UInt16.self, &text) {
                Self.text(Float(bitPattern: UInt32($0) << 16))
            }
        case .single: return each(bytes, UInt32.self, &text) { Self.text(Float(bitPattern: $0)) }
        case .double: return each(bytes, UInt64.self, &text) { Self.text(Double(bitPattern: $0)) }
        }
    }

    private func each<Raw: FixedWidthInteger>(
        _ bytes: ArraySlice<UInt8>, _ type: Raw.Type, _ text: inout JSONText,
        _ spell: (Raw) -> String
    ) -> Bool {
        let width = MemoryLayout<Raw>.size
        guard bytes.count % width == 0 else { return false }
        return unsafe bytes.withUnsafeBytes { buffer in
            for start in stride(from: 0, to: buffer.count, by: width) {
                if start > 0 { text.raw(",") }
                let raw = unsafe Raw(
                    littleEndian: buffer.loadUnaligned(fromByteOffset: start, as: Raw.self))
                text.raw(spell(raw).utf8)
            }
            return true
        }
    }

    /// Strings, each behind its length in four bytes.
    private func writeStrings(_ bytes: ArraySlice<UInt8>, _ text: inout JSONText) -> Bool {
        var rest = bytes
        var isFirst = true
        while !rest.isEmpty {
            guard rest.count >= 4 else { return false }
            let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard length <= rest.count else { return false }
            if !isFirst { text.raw(",") }
            isFirst = false
            text.string(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return true
    }

    /// The shortest digits that give the number back; NaN and the infinities by their names.
    private static func text<Number: BinaryFloatingPoint & CustomStringConvertible>(
        _ value: Number
    ) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return value.description
    }

    /// A number of 16 bits (IEEE 754 binary16) as one of 32.
    private static func half(_ bits: UInt16) -> Float {
        let sign: Float = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Float(bits & 0x3FF)
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default:
            return sign * (1024 + fraction)
                * Float(sign: .plus, exponent: exponent - 25, significand: 1)
        }
    }
}
