import AssayCore
import CSimdjson

/// The document that an importer read last, through simdjson: nodes in the order of the document,
/// each known by its number. What is asked for is copied out; the next `parse` voids the numbers.
///
/// Unchecked: the parser and what it holds belong to this one value, and move with it.
@safe struct JSONTape: ~Copyable, @unchecked Sendable {
    private let parser: OpaquePointer
    private var nodes: UnsafePointer<assay_json_node>?
    private var memory: UnsafePointer<UInt8>?
    private var count = 0

    /// A document is never larger, nor nested deeper.
    static let maximumSize = 256 << 20, maximumDepth: UInt32 = 1024

    init() throws(AssayError) {
        guard let parser = unsafe assay_json_create(Self.maximumDepth, Self.maximumSize) else {
            throw AssayError(.limit, "there is no memory for a JSON parser")
        }
        unsafe self.parser = parser
    }

    deinit { unsafe assay_json_destroy(parser) }

    /// The number of the document's outermost value.
    var root: Int { 0 }

    /// Reads a document; gives why it was refused, as the end of a sentence, or `nil`.
    mutating func parse(_ bytes: ArraySlice<UInt8>) -> String? {
        let status = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe assay_json_parse(parser, buffer.baseAddress, buffer.count)
        }
        guard status == ASSAY_JSON_OK else {
            count = 0
            return unsafe String(cString: assay_json_reason(status))
                + " (byte \(assay_json_fault(parser)) of it)"
        }
        unsafe nodes = assay_json_nodes(parser, &count)
        unsafe memory = assay_json_memory(parser)
        return nil
    }

    /// Gives back the memory of a large document, of which nothing is left then.
    mutating func shrink() {
        unsafe assay_json_shrink(parser)
        count = 0
    }

    private subscript(node: Int) -> assay_json_node? {
        guard node >= 0, node < count, let nodes = unsafe nodes else { return nil }
        return unsafe nodes[node]
    }

    /// The value of an object's member; `nil` where there is none or this is no object.
    func member(_ name: StaticString, of node: Int?) -> Int? {
        guard let node, let object = self[node], object.kind == ASSAY_JSON_OBJECT.rawValue,
            let nodes = unsafe nodes, let memory = unsafe memory
        else { return nil }
        let size = name.utf8CodeUnitCount
        var place = node + 1
        while place < Int(object.next) {
            let found = unsafe nodes[place]
            if Int(found.text_length) == size,
                name.withUTF8Buffer({ wanted in
                    for index in 0..<size
                    where unsafe wanted[index] != memory[Int(found.text) + index] { return false }
                    return true
                })
            {
                return place + 1
            }
            place = unsafe Int(nodes[place + 1].next)
        }
        return nil
    }

    /// The value of an object's member, or of an array's element, that one token of a JSON Pointer
    /// names.
    func step(_ token: String, of node: Int) -> Int? {
        if isArray(node) {
            let elements = elements(of: node)
            return Int(token).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
        }
        guard let object = self[node], object.kind == ASSAY_JSON_OBJECT.rawValue,
            let memory = unsafe memory
        else { return nil }
        var place = node + 1
        while place < Int(object.next), let name = self[place], let value = self[place + 1] {
            let text = unsafe UnsafeBufferPointer(
                start: memory + Int(name.text), count: Int(name.text_length))
            if unsafe text.elementsEqual(token.utf8) { return place + 1 }
            place = Int(value.next)
        }
        return nil
    }

    /// The names and values of an object, in order; nothing for anything else.
    func members(of node: Int?) -> [(name: String, value: Int)] {
        guard let node, let object = self[node], object.kind == ASSAY_JSON_OBJECT.rawValue else {
            return []
        }
        var found: [(name: String, value: Int)] = []
        var place = node + 1
        while place < Int(object.next) {
            found.append((text(place) ?? "", place + 1))
            place = Int(self[place + 1]?.next ?? object.next)
        }
        return found
    }

    /// The members of an object with where each begins and ends in the document; `nil` for anything
    /// else.
    func memberPlaces(of node: Int) -> [(name: String, value: Int, start: Int, end: Int)]? {
        guard isObject(node) else { return nil }
        return members(of: node).map { name, value in
            (name, value, Int(self[value - 1]?.offset ?? 0), range(of: value).upperBound)
        }
    }

    /// Where a value stands in the document.
    func range(of node: Int) -> Range<Int> {
        guard let value = self[node] else { return 0..<0 }
        return Int(value.offset)..<Int(value.offset + value.length)
    }

    /// The elements of an array; nothing for anything else.
    func elements(of node: Int?) -> [Int] {
        guard let node, let array = self[node], array.kind == ASSAY_JSON_ARRAY.rawValue else {
            return []
        }
        var found: [Int] = []
        found.reserveCapacity(Int(array.count))
        var place = node + 1
        while place < Int(array.next) {
            found.append(place)
            place = Int(self[place]?.next ?? array.next)
        }
        return found
    }

    func isObject(_ node: Int?) -> Bool { kind(node) == ASSAY_JSON_OBJECT }
    func isArray(_ node: Int?) -> Bool { kind(node) == ASSAY_JSON_ARRAY }
    func isNull(_ node: Int?) -> Bool { kind(node) == ASSAY_JSON_NULL }
    func isTrue(_ node: Int?) -> Bool { kind(node) == ASSAY_JSON_TRUE }

    /// Whether a value is `true`, `false` or `null`.
    func isWord(_ node: Int?) -> Bool {
        let kind = kind(node)
        return kind == ASSAY_JSON_TRUE || kind == ASSAY_JSON_FALSE || kind == ASSAY_JSON_NULL
    }

    private func kind(_ node: Int?) -> assay_json_kind? {
        node.flatMap { self[$0] }.map { assay_json_kind(rawValue: $0.kind) }
    }

    /// The text of a string without its escapes; `nil` for anything else.
    func bytes(_ node: Int?) -> [UInt8]? {
        guard let node, let string = self[node], string.kind == ASSAY_JSON_STRING.rawValue,
            let memory = unsafe memory
        else { return nil }
        return unsafe Array(
            UnsafeBufferPointer(
                start: memory + Int(string.text), count: Int(string.text_length)))
    }

    /// The text of a string; `nil` for anything else.
    func text(_ node: Int?) -> String? {
        guard let node, let string = self[node], string.kind == ASSAY_JSON_STRING.rawValue,
            let memory = unsafe memory
        else { return nil }
        return unsafe String(
            decoding: UnsafeBufferPointer(
                start: memory + Int(string.text), count: Int(string.text_length)),
            as: UTF8.self)
    }

    /// A value as it stands in the document.
    func raw(_ node: Int?) -> [UInt8]? {
        guard let node, let value = self[node], let memory = unsafe memory else { return nil }
        return unsafe Array(
            UnsafeBufferPointer(start: memory + Int(value.offset), count: Int(value.length)))
    }

    /// A number; `nil` for anything else.
    func number(_ node: Int?) -> Double? {
        guard let node, let value = self[node], value.kind == ASSAY_JSON_NUMBER.rawValue,
            let memory = unsafe memory
        else { return nil }
        return unsafe assay_json_double(memory + Int(value.offset), Int(value.length))
    }

    /// A whole number that fits; `nil` for anything else.
    func integer(_ node: Int?) -> Int? {
        guard let node, let value = self[node], value.kind == ASSAY_JSON_NUMBER.rawValue else {
            return nil
        }
        return raw(node).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    }
}
