import AssayCore

/// Writes a `TensorProto` of TensorFlow as the nested lists of TensorFlow Serving's REST interface.
///
/// Field numbers are those of TensorFlow's public proto files.
struct TensorJSON {
    private var type: UInt64 = 0
    private var shape: [Int] = []
    private var content: ArraySlice<UInt8> = []
    private var values: [[UInt8]] = []

    /// No tensor has more elements.
    private static let maximumCount = 1 << 26

    /// Appends the tensor in `message`. Strings become `{"b64": …}` if the tensor's name ends with
    /// `_bytes`, as that interface has it, or if they are no UTF-8.
    ///
    /// Throws `.unsupported` for a type or form that JSON cannot hold.
    static func append(
        _ message: ArraySlice<UInt8>, name: String, to bytes: inout [UInt8]
    ) throws(AssayError) {
        var tensor = TensorJSON()
        try tensor.read(message, name: name)
        try tensor.write(to: &bytes)
    }

    private mutating func read(
        _ message: ArraySlice<UInt8>, name: String
    ) throws(AssayError) {
        var fields = ProtobufReader(message)
        var held: [(number: Int, value: ProtobufReader.Value)] = []
        while let field = fields.next() {
            switch (field.number, field.value) {
            case (1, .varint(let value)): type = value
            case (2, .bytes(let bytes)): try readShape(bytes)
            case (4, .bytes(let bytes)): content = bytes
            default: held.append(field)
            }
        }
        guard !fields.isDamaged else { throw AssayError(.unsupported, "a tensor cannot be read") }
        for (number, value) in held { try add(number, value, isBinary: name.hasSuffix("_bytes")) }
        if !content.isEmpty { try addContent() }
    }

    private mutating func readShape(_ bytes: ArraySlice<UInt8>) throws(AssayError) {
        var fields = ProtobufReader(bytes)
        while let field = fields.next() {
            guard field.number == 2, case .bytes(let dimension) = field.value else { continue }
            var inner = ProtobufReader(dimension)
            var size = 0
            while let field = inner.next() {
                if field.number == 1, case .varint(let value) = field.value {
                    size = Int(truncatingIfNeeded: value)
                }
            }
            guard size >= 0, size <= Self.maximumCount, shape.count < 32 else {
                throw AssayError(.unsupported, "a tensor is of a size that cannot be held")
            }
            shape.append(size)
        }
    }

    private mutating func add(
        _ number: Int, _ value: ProtobufReader.Value, isBinary: Bool
    ) throws(AssayError) {
        switch (number, value) {
        case (5, .bytes(let bytes)): addFloats(bytes)
        case (5, .fixed32(let bits)): values.append(Self.text(Float(bitPattern: bits)))
        case (6, .bytes(let bytes)): addDoubles(bytes)
        case (6, .fixed64(let bits)): values.append(Self.text(Double(bitPattern: bits)))
        case (7, .bytes(let bytes)), (10, .bytes(let bytes)), (11, .bytes(let bytes)),
            (16, .bytes(let bytes)), (17, .bytes(let bytes)):
            guard let numbers = ProtobufReader.varints(bytes) else {
                throw AssayError(.unsupported, "a tensor cannot be read")
            }
            for bits in numbers { values.append(integer(bits, field: number)) }
        case (7, .varint(let bits)), (10, .varint(let bits)), (11, .varint(let bits)),
            (16, .varint(let bits)), (17, .varint(let bits)):
            values.append(integer(bits, field: number))
        case (8, .bytes(let bytes)):
            var text: [UInt8] = []
            if !isBinary, let string = String(validating: bytes, as: UTF8.self) {
                CanonicalJSON.appendString(string, to: &text)
            } else {
                text += "{\"b64\":\"".utf8
                text += Base64.encoded(bytes)
                text += "\"}".utf8
            }
            values.append(text)
        case (3, _): break
        default: throw AssayError(.unsupported, "a tensor is of a type that JSON cannot hold")
        }
        guard values.count <= Self.maximumCount else {
            throw AssayError(.unsupported, "a tensor is of a size that cannot be held")
        }
    }

    private mutating func addFloats(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while rest.count >= 4 {
            values.append(Self.text(Float(bitPattern: UInt32(Self.number(rest.prefix(4))))))
            rest = rest.dropFirst(4)
        }
    }

    private mutating func addDoubles(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while rest.count >= 8 {
            values.append(Self.text(Double(bitPattern: Self.number(rest.prefix(8)))))
            rest = rest.dropFirst(8)
        }
    }

    private func integer(_ bits: UInt64, field: Int) -> [UInt8] {
        switch field {
        case 11: Array((bits == 0 ? "false" : "true").utf8)
        case 16, 17: Array("\(bits)".utf8)
        default: Array("\(Int64(bitPattern: bits))".utf8)
        }
    }

    /// The elements that stand in `tensor_content`, little-endian.
    private mutating func addContent() throws(AssayError) {
        let width: Int
        switch type {
        case 1, 3, 22: width = 4
        case 2, 9, 23: width = 8
        case 5, 17: width = 2
        case 4, 6, 10: width = 1
        default: throw AssayError(.unsupported, "a tensor is of a type that JSON cannot hold")
        }
        var rest = content
        while rest.count >= width {
            let bits = Self.number(rest.prefix(width))
            switch type {
            case 1: values.append(Self.text(Float(bitPattern: UInt32(bits))))
            case 2: values.append(Self.text(Double(bitPattern: bits)))
            case 3: values.append(Array("\(Int32(truncatingIfNeeded: bits))".utf8))
            case 5: values.append(Array("\(Int16(truncatingIfNeeded: bits))".utf8))
            case 6: values.append(Array("\(Int8(truncatingIfNeeded: bits))".utf8))
            case 9: values.append(Array("\(Int64(bitPattern: bits))".utf8))
            case 10: values.append(integer(bits, field: 11))
            default: values.append(Array("\(bits)".utf8))
            }
            rest = rest.dropFirst(width)
        }
        guard rest.isEmpty else { throw AssayError(.unsupported, "a tensor cannot be read") }
    }

    private func write(to bytes: inout [UInt8]) throws(AssayError) {
        var total = 1
        for size in shape {
            let (product, isLarge) = total.multipliedReportingOverflow(by: size)
            guard !isLarge, product <= Self.maximumCount else {
                throw AssayError(.unsupported, "a tensor is of a size that cannot be held")
            }
            total = product
        }
        // Of equal elements only the first needs to be there.
        guard values.count <= total, !values.isEmpty || total == 0 else {
            throw AssayError(.unsupported, "a tensor has not as many elements as its shape says")
        }
        var next = 0
        write(dimension: 0, &next, to: &bytes)
    }

    private func write(dimension: Int, _ next: inout Int, to bytes: inout [UInt8]) {
        guard dimension < shape.count else {
            bytes += values[min(next, values.count - 1)]
            next += 1
            return
        }
        bytes.append(UInt8(ascii: "["))
        for index in 0..<shape[dimension] {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(dimension: dimension + 1, &next, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A number in the fewest digits that give it back; what JSON has no digits for as the words
    /// that the interface uses.
    private static func text(_ value: some BinaryFloatingPoint & LosslessStringConvertible)
        -> [UInt8]
    {
        if value.isNaN { return Array("NaN".utf8) }
        if value.isInfinite { return Array((value < 0 ? "-Infinity" : "Infinity").utf8) }
        return Array(value.description.utf8)
    }
}
