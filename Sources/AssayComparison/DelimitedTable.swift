/// Comma or tab separated values (RFC 4180) as an array of rows.
///
/// A row is an array, or with a header an object by the header's names. A field that is written as a
/// JSON number is one, so that tolerances hold for it; others are strings.
enum DelimitedTable {
    /// `nil` if a quote is not closed, or a header names a column twice.
    static func document(
        _ body: ArraySlice<UInt8>, separator: UInt8, hasHeader: Bool
    ) -> ArraySlice<UInt8>? {
        guard var rows = rows(body, separator: separator) else { return nil }
        var names: [[UInt8]]?
        if hasHeader, !rows.isEmpty {
            let header = rows.removeFirst().map(\.text)
            guard Set(header).count == header.count else { return nil }
            names = header
        }
        var text = JSONText()
        text.raw("[")
        for (index, row) in rows.enumerated() {
            if index > 0 { text.raw(",") }
            write(row, names: names, &text)
        }
        text.raw("]")
        return text.bytes[...]
    }

    /// The names in the header of a table, without an order; `nil` if a quote is not closed.
    static func columns(_ body: ArraySlice<UInt8>, separator: UInt8) -> Set<[UInt8]>? {
        guard let rows = rows(body, separator: separator) else { return nil }
        return Set((rows.first ?? []).map(\.text))
    }

    /// A field, and whether it stood in quotes.
    private struct Field {
        var text: [UInt8] = []
        var isQuoted = false
    }

    private static func write(_ row: [Field], names: [[UInt8]]?, _ text: inout JSONText) {
        text.raw(names == nil ? "[" : "{")
        for (index, field) in row.enumerated() {
            if index > 0 { text.raw(",") }
            if let names {
                // Fields beyond the header stand under their number.
                let name = index < names.count ? names[index] : Array(String(index).utf8)
                text.string(name)
                text.raw(":")
            }
            if !field.isQuoted, JSONText.isNumber(field.text[...]) {
                text.raw(field.text)
            } else {
                text.string(field.text)
            }
        }
        text.raw(names == nil ? "]" : "}")
    }

    private static func rows(_ body: ArraySlice<UInt8>, separator: UInt8) -> [[Field]]? {
        var rows: [[Field]] = []
        var row: [Field] = []
        var field = Field()
        var isInside = false
        var index = body.startIndex
        func isQuote(_ index: Int) -> Bool {
            index < body.endIndex && body[index] == UInt8(ascii: "\"")
        }
        while index < body.endIndex {
            let byte = body[index]
            if isInside {
                if byte != UInt8(ascii: "\"") {
                    field.text.append(byte)
                } else if isQuote(index + 1) {
                    field.text.append(byte)
                    index += 1
                } else {
                    isInside = false
                }
            } else if byte == UInt8(ascii: "\""), field.text.isEmpty, !field.isQuoted {
                (isInside, field.isQuoted) = (true, true)
            } else if byte == separator {
                row.append(field)
                field = Field()
            } else if byte == 0x0A {
                if field.text.last == 0x0D, !field.isQuoted { field.text.removeLast() }
                row.append(field)
                rows.append(row)
                (row, field) = ([], Field())
            } else if byte != 0x0D || !field.isQuoted {
                field.text.append(byte)
            }
            index += 1
        }
        guard !isInside else { return nil }
        if !row.isEmpty || !field.text.isEmpty || field.isQuoted { rows.append(row + [field]) }
        return rows
    }
}
