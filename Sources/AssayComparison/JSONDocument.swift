import AssayCore
import CSimdjson

/// A parser and the document it read last. Owns the C handle; nothing it lends outlives the next
/// `parse`.
@safe struct JSONDocument: ~Copyable {
    private let parser: OpaquePointer

    /// Makes a parser; throws `.limit` when there is no memory for one.
    init(limits: ComparisonLimits) throws(AssayError) {
        guard
            let parser = unsafe assay_json_create(
                UInt32(clamping: limits.depth), max(0, limits.documentSize))
        else { throw AssayError(.limit, "there is no memory for a JSON parser") }
        unsafe self.parser = parser
    }

    deinit { unsafe assay_json_destroy(parser) }

    /// Gives back the memory of a large document. Nothing that was lent is valid after it.
    func shrink() { unsafe assay_json_shrink(parser) }

    /// Reads a document; gives why it was refused, as the end of a sentence, or `nil`.
    func parse(_ bytes: ArraySlice<UInt8>) -> String? {
        let status = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe assay_json_parse(parser, buffer.baseAddress, buffer.count)
        }
        guard status != ASSAY_JSON_OK else { return nil }
        let reason = unsafe String(cString: assay_json_reason(status))
        return unsafe "\(reason) (byte \(assay_json_fault(parser)))"
    }

    /// Reads a body of a form as a document; gives why it was refused, as the end of a sentence, or
    /// `nil`.
    func read(_ body: ArraySlice<UInt8>, as form: BodyForm) -> String? {
        guard let document = form.document(body, parser: self) else {
            return "is not \(form.name)"
        }
        return parse(document)
    }

    /// Lends the nodes of the document.
    var view: JSONView {
        var count = 0
        let nodes = unsafe assay_json_nodes(parser, &count)
        return unsafe JSONView(
            nodes: UnsafeBufferPointer(start: nodes, count: count),
            memory: assay_json_memory(parser))
    }
}

/// The nodes of a document, lent by its `JSONDocument` until that parses again.
@unsafe struct JSONView {
    let nodes: UnsafeBufferPointer<assay_json_node>
    let memory: UnsafePointer<UInt8>

    /// The bytes of a value as they stand in the document.
    func raw(_ node: assay_json_node) -> UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(start: memory + Int(node.offset), count: Int(node.length))
    }

    /// The text of a string without its escapes.
    func text(_ node: assay_json_node) -> UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(start: memory + Int(node.text), count: Int(node.text_length))
    }
}
