public import AssayCore

extension HTTPHead {
    /// Reads a head: the bytes up to and with the empty line.
    ///
    /// Lines end in CR LF. What RFC 9112 calls obsolete or what two readers could read in two ways is
    /// refused: folded lines, white space before the colon, a bare CR or LF, control characters.
    /// Costs one copy of the bytes and one pass over them.
    public init(parsing slice: ArraySlice<UInt8>) throws(AssayError) {
        let bytes = Array(slice)
        guard bytes.count <= Int(Int32.max) else {
            throw AssayError(.limit, "the head of an HTTP message is larger than 2 GiB")
        }
        var places: [Place] = []
        places.reserveCapacity(16)
        let startLineEnd = try unsafe bytes.withUnsafeBufferPointer {
            (buffer) throws(AssayError) -> Int in
            try unsafe Self.scan(buffer, &places)
        }
        self.init(bytes: bytes, startLineEnd: startLineEnd, places: places)
    }

    /// Finds the fields; gives where the first line ends.
    private static func scan(
        _ buffer: UnsafeBufferPointer<UInt8>, _ places: inout [Place]
    ) throws(AssayError) -> Int {
        var startLineEnd: Int?
        var start = 0
        while let feed = unsafe ByteSearch.first(0x0A, in: buffer, from: start) {
            guard feed > start, unsafe buffer[feed - 1] == 0x0D else {
                throw malformed("a line of its head ends in a bare LF")
            }
            let end = feed - 1
            if end == start {
                guard feed + 1 == buffer.count, let startLineEnd else { break }
                return startLineEnd
            }
            if startLineEnd == nil {
                guard unsafe isText(buffer, start, end, allowsTab: false) else {
                    throw malformed("its first line holds control characters")
                }
                startLineEnd = end
            } else {
                places.append(try unsafe place(buffer, start, end))
            }
            start = feed + 1
        }
        throw malformed("its head has no first line, or no empty line at the end")
    }

    private static func place(
        _ buffer: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
    ) throws(AssayError) -> Place {
        var colon = start
        while colon < end, unsafe buffer[colon] != UInt8(ascii: ":") {
            guard unsafe isToken(buffer[colon]) else {
                throw malformed("a header's name holds white space or a character it may not")
            }
            colon += 1
        }
        guard colon > start, colon < end else {
            throw malformed("a header line has no name and colon")
        }
        var first = colon + 1
        var last = end
        while first < last, unsafe isBlank(buffer[first]) { first += 1 }
        while last > first, unsafe isBlank(buffer[last - 1]) { last -= 1 }
        guard unsafe isText(buffer, first, last, allowsTab: true) else {
            throw malformed("a header's value holds control characters")
        }
        return Place(
            nameStart: Int32(start), nameEnd: Int32(colon), valueStart: Int32(first),
            valueEnd: Int32(last))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func isText(
        _ buffer: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, allowsTab: Bool
    ) -> Bool {
        for index in start..<end {
            let byte = unsafe buffer[index]
            if byte < 0x20 ? !(allowsTab && byte == 0x09) : byte == 0x7F { return false }
        }
        return true
    }

    /// A character of a field's name (RFC 9110, 5.6.2): letters, digits and ``!#$%&'*+-.^_`|~``.
    static func isToken(_ byte: UInt8) -> Bool {
        // Two sets of 64 bits: the characters from 0 and from 64 on.
        let low: UInt64 = 0x03FF_6CFA_0000_0000
        let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
        guard byte < 128 else { return false }
        return (byte < 64 ? low >> UInt64(byte) : high >> UInt64(byte - 64)) & 1 == 1
    }

    static func malformed(_ reason: String) -> AssayError {
        AssayError(.damaged, "an HTTP message cannot be read: \(reason)")
    }
}
