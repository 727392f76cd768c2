import CSimdjson

extension JSONView {
    /// Bytes that two values have in common if they are the same under `exact`, and no others: how
    /// numbers are written, escapes, white space and the order of members say nothing. Costs a pass over
    /// the value, and n log n for an object's names.
    func identity(of node: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        unsafe append(node, to: &bytes)
        return bytes
    }

    private func append(_ index: Int, to bytes: inout [UInt8]) {
        let node = unsafe nodes[index]
        switch assay_json_kind(rawValue: node.kind) {
        case ASSAY_JSON_NUMBER:
            unsafe Decimal(raw(node)).identity(to: &bytes)
            bytes.append(UInt8(ascii: ","))
        case ASSAY_JSON_STRING: unsafe append(text(node), to: &bytes)
        case ASSAY_JSON_ARRAY:
            bytes.append(UInt8(ascii: "["))
            var element = index + 1
            while element < Int(node.next) {
                unsafe append(element, to: &bytes)
                element = unsafe Int(nodes[element].next)
            }
            bytes.append(UInt8(ascii: "]"))
        case ASSAY_JSON_OBJECT: unsafe append(membersOf: index, to: &bytes)
        default: unsafe bytes.append(contentsOf: raw(node))
        }
    }

    private func append(membersOf index: Int, to bytes: inout [UInt8]) {
        var names: [Int] = []
        var name = index + 1
        while unsafe name < Int(nodes[index].next) {
            names.append(name)
            name = unsafe Int(nodes[name + 1].next)
        }
        names.sort { unsafe text(nodes[$0]).lexicographicallyPrecedes(text(nodes[$1])) }
        bytes.append(UInt8(ascii: "{"))
        for name in names {
            unsafe append(text(nodes[name]), to: &bytes)
            unsafe append(name + 1, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// A text behind its length, so that what it says ends nothing.
    private func append(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: String(text.count).utf8)
        bytes.append(UInt8(ascii: ":"))
        unsafe bytes.append(contentsOf: text)
    }
}
