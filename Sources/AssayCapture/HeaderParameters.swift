/// The parameters behind the first word of a header's value, as in `form-data; name="a"` (RFC 9110,
/// section 5.6.6).
enum HeaderParameters {
    /// The parameters in order, quotes and escapes undone; `nil` for what is not of that form.
    static func read(
        _ value: ArraySlice<UInt8>
    ) -> [(name: ArraySlice<UInt8>, value: [UInt8])]? {
        var rest = value.drop { $0 != UInt8(ascii: ";") }
        var parameters: [(name: ArraySlice<UInt8>, value: [UInt8])] = []
        while let mark = rest.popFirst() {
            guard mark == UInt8(ascii: ";") else { return nil }
            rest = rest.drop(while: isSpace)
            if rest.isEmpty { break }
            let name = rest.prefix(while: HTTPHead.isToken)
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty, rest.popFirst() == UInt8(ascii: "=") else { return nil }
            var text: [UInt8] = []
            if rest.first == UInt8(ascii: "\"") {
                rest = rest.dropFirst()
                var isClosed = false
                while let byte = rest.popFirst() {
                    if byte == UInt8(ascii: "\"") {
                        isClosed = true
                        break
                    }
                    if byte == UInt8(ascii: "\\") {
                        guard let next = rest.popFirst() else { return nil }
                        text.append(next)
                    } else {
                        text.append(byte)
                    }
                }
                guard isClosed else { return nil }
            } else {
                text = Array(rest.prefix { $0 != UInt8(ascii: ";") && !isSpace($0) })
                rest = rest.dropFirst(text.count)
                guard !text.isEmpty else { return nil }
            }
            parameters.append((name, text))
            rest = rest.drop(while: isSpace)
        }
        return parameters
    }

    /// The only value of a parameter; `nil` without one or with two.
    static func value(of name: String, in field: String) -> [UInt8]? {
        let named =
            read(Array(field.utf8)[...])?
            .filter { HTTPHead.isEqual($0.name, name.utf8) } ?? []
        return named.count == 1 ? named[0].value : nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
