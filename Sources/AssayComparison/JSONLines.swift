import CSimdjson

/// JSON documents one after the other, as one array.
enum JSONLines {
    /// Joins the documents; `nil` unless each line is one. Blank lines and record separators do not
    /// count. Costs a copy and a parse.
    static func document(
        _ body: ArraySlice<UInt8>, parser: borrowing JSONDocument
    ) -> ArraySlice<UInt8>? {
        var text: [UInt8] = [UInt8(ascii: "[")]
        text.reserveCapacity(body.count + 2)
        var count = 0
        for line in body.split(whereSeparator: { $0 == 0x0A || $0 == 0x1E }) {
            guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
            if count > 0 { text.append(UInt8(ascii: ",")) }
            text += line
            count += 1
        }
        text.append(UInt8(ascii: "]"))
        guard count > 0, parser.parse(text[...]) == nil else { return nil }
        // A line that holds a comma between two values would have been taken for two.
        return unsafe Int(parser.view.nodes[0].count) == count ? text[...] : nil
    }
}
