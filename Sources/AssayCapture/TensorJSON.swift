import AssayCore

/// Writes a `TensorProto` of TensorFlow as the nested lists of TensorFlow Serving's REST interface.
///
/// Field numbers are those of TensorFlow's public proto files.
struct TensorJSON {
    private var type: UInt64 = 0
    private var shape: [Int] = []
    private var content: ArraySlice<UInt8> = []
    /// The texts of the elements behind one another, and where each ends.
    private var text: [UInt8] = [], ends: [Int32] = []

    /// No tensor has more elements, nor more bytes as JSON.
    private static let maximumCount = 1 << 26, maximumSize = ContentCoding.maximumBody

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
                throw Self.tooLarge
            }
            shape.append(size)
        }
    }

    private mutating func add(
        _ number: Int, _ value: ProtobufReader.Value, isBinary: Bool
    ) throws(AssayError) {
        switch (number, value) {
        case (5, .bytes(let bytes)): try addFloats(bytes)
        case (5, .fixed32(let bits)): try add(Self.text(Float(bitPattern: bits)))
        case (6, .bytes(let bytes)): try addDoubles(bytes)
        case (6, .fixed64(let bits)): try add(Self.text(Double(bitPattern: bits)))
        case (7, .bytes(let bytes)), (10, .bytes(let bytes)), (11, .bytes(let bytes)),
            (16, .bytes(let bytes)), (17, .bytes(let bytes)):
            guard let numbers = ProtobufReader.varints(bytes) else {
                throw AssayError(.unsupported, "a tensor cannot be read")
            }
            for bits in numbers { try add(integer(bits, field: number)) }
        case (7, .varint(let bits)), (10, .varint(let bits)), (11, .varint(let bits)),
            (16, .varint(let bits)), (17, .varint(let bits)):
            try add(integer(bits, field: number))
        case (8, .bytes(let bytes)):
            var text: [UInt8] = []
            if !isBinary, let string = String(validating: bytes, as: UTF8.self) {
                CanonicalJSON.appendString(string, to: &text)
            } else {
                text += "{\"b64\":\"".utf8
                text += Base64.encoded(bytes)
                text += "\"}".utf8
            }
            try add(text)
        case (3, _): break
        default: throw AssayError(.unsupported, "a tensor is of a type that JSON cannot hold")
        }
    }

    /// Adds the text of an element.
    private mutating func add(_ element: [UInt8]) throws(AssayError) {
        guard text.count + element.count <= Self.maximumSize, ends.count < Self.maximumCount else {
            throw Self.tooLarge
        }
        text += element
        ends.append(Int32(text.count))
    }

    private static var tooLarge: AssayError {
        AssayError(.unsupported, "a tensor is of a size that cannot be held")
    }

    private mutating func addFloats(_ bytes: ArraySlice<UInt8>) throws(AssayError) {
        var rest = bytes
        while rest.count >= 4 {
            try add(Self.text(Float(bitPattern: UInt32(Self.number(rest.prefix(4))))))
            rest = rest.dropFirst(4)
        }
    }

    private mutating func addDoubles(_ bytes: ArraySlice<UInt8>) throws(AssayError) {
        var rest = bytes
        while rest.count >= 8 {
            try add(Self.text(Double(bitPattern: Self.number(rest.prefix(8)))))
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
            case 1: try add(Self.text(Float(bitPattern: UInt32(bits))))
            case 2: try add(Self.text(Double(bitPattern: bits)))
            case 3: try add(Array("\(Int32(truncatingIfNeeded: bits))".utf8))
            case 5: try add(Array("\(Int16(truncatingIfNeeded: bits))".utf8))
            case 6: try add(Array("\(Int8(truncatingIfNeeded: bits))".utf8))
            case 9: try add(Array("\(Int64(bitPattern: bits))".utf8))
            case 10: try add(integer(bits, field: 11))
            default: try add(Array("\(bits)".utf8))
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
                throw Self.tooLarge
            }
            total = product
        }
        // Of equal elements only the first needs to be there.
        guard ends.count <= total, !ends.isEmpty || total == 0 else {
            throw AssayError(.unsupported, "a tensor has not as many elements as its shape says")
        }
        var next = 0
        try write(dimension: 0, &next, to: &bytes)
    }

    private func write(
        dimension: Int, _ next: inout Int, to bytes: inout [UInt8]
    ) throws(AssayError) {
        guard bytes.count <= Self.maximumSize else { throw Self.tooLarge }
        guard dimension < shape.count else {
            let place = min(next, ends.count - 1)
            bytes += text[(place > 0 ? Int(ends[place - 1]) : 0)..<Int(ends[place])]
            next += 1
            return
        }
        bytes.append(UInt8(ascii: "["))
        for index in 0..<shape[dimension] {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            try write(dimension: dimension + 1, &next, to: &bytes)
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
