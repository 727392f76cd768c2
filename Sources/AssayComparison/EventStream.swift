/// Server-sent events as an array of objects `{event, id, data}` (WHATWG HTML, section 9.2.6).
///
/// `data` is a JSON value where it is one, else a string. Comments and `retry` say nothing of the
/// answer and are left out. What no empty line ends, which a browser would drop, is kept with
/// `"open": true`, so that a stream that was cut is told.
enum EventStream {
    static func document(
        _ body: ArraySlice<UInt8>, parser: borrowing JSONDocument
    ) -> ArraySlice<UInt8>? {
        var text = JSONText()
        text.raw("[")
        var isFirst = true
        var event = Event()
        for line in lines(body) {
            if line.isEmpty {
                event.write(&text, &isFirst, parser: parser)
                event = Event()
            } else {
                event.take(line)
            }
        }
        if event.isBegun { event.write(&text, &isFirst, parser: parser, isOpen: true) }
        text.raw("]")
        return text.bytes[...]
    }

    /// The lines of a body: CR LF, LF and CR end one.
    private static func lines(_ body: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = body.startIndex
        var index = start
        while index < body.endIndex {
            let byte = body[index]
            if byte == 0x0A || byte == 0x0D {
                lines.append(body[start..<index])
                if byte == 0x0D, index + 1 < body.endIndex, body[index + 1] == 0x0A { index += 1 }
                start = index + 1
            }
            index += 1
        }
        if start < body.endIndex { lines.append(body[start...]) }
        return lines
    }

    /// One event while its lines come.
    private struct Event {
        var name: ArraySlice<UInt8>?
        var id: ArraySlice<UInt8>?
        var data: [UInt8]?
        /// Whether a line came that is no comment, be it only the first letters of a field.
        var isBegun = false

        mutating func take(_ line: ArraySlice<UInt8>) {
            if line.first == UInt8(ascii: ":") { return }
            isBegun = true
            let field = line.prefix { $0 != UInt8(ascii: ":") }
            var value = line.dropFirst(field.count + 1)
            if value.first == 0x20 { value = value.dropFirst() }
            if field.elementsEqual("event".utf8) {
                name = value
            } else if field.elementsEqual("id".utf8) {
                id = value
            } else if field.elementsEqual("data".utf8) {
                if data == nil { data = [] } else { data?.append(0x0A) }
                data? += value
            }
        }

        func write(
            _ text: inout JSONText, _ isFirst: inout Bool, parser: borrowing JSONDocument,
            isOpen: Bool = false
        ) {
            guard isOpen || name != nil || id != nil || data != nil else { return }
            if !isFirst { text.raw(",") }
            isFirst = false
            text.raw("{")
            var comma = false
            func separate(_ text: inout JSONText) {
                if comma { text.raw(",") }
                comma = true
            }
            if let name {
                separate(&text)
                text.raw("\"event\":")
                text.string(name)
            }
            if let id {
                separate(&text)
                text.raw("\"id\":")
                text.string(id)
            }
            if let data {
                separate(&text)
                text.raw("\"data\":")
                if parser.parse(data[...]) == nil {
                    text.raw(data)
                } else {
                    text.string(data)
                }
            }
            if isOpen {
                separate(&text)
                text.raw("\"open\":true")
            }
            text.raw("}")
        }
    }
}
