/// A body of `multipart/form-data` (RFC 7578, RFC 2046, section 5.1) cut into its parts; all bytes are
/// those of the body.
///
/// Strict: what two readers could cut in two ways is no such body.
struct MultipartForm {
    /// One part.
    struct Part {
        /// From its delimiter's line to the line break before the next delimiter, which is not in it.
        let range: Range<Int>
        /// Its header lines with their line breaks, the empty line not among them.
        let lines: [Range<Int>]
        let content: Range<Int>
        /// The name of its field, as it stands in quotes, and whether it names a file; `nil` where it has
        /// none.
        let name: [UInt8]?
        let hasFileName: Bool
    }

    let parts: [Part]
    /// Where the last delimiter starts.
    let end: Int

    /// More parts than a form has.
    static let maximumParts = 4096

    /// Cuts a body; gives as the failure why it cannot be cut, as the end of a sentence.
    static func cut(_ body: [UInt8], boundary: [UInt8]?) -> Result<MultipartForm, Refusal> {
        do throws(Refusal) {
            return .success(try MultipartForm(body, boundary))
        } catch {
            return .failure(error)
        }
    }

    /// Why a body cannot be cut.
    struct Refusal: Error {
        let reason: String
    }

    private init(_ body: [UInt8], _ boundary: [UInt8]?) throws(Refusal) {
        guard let boundary, (1...70).contains(boundary.count),
            boundary.allSatisfy({ (0x20...0x7E).contains($0) }), boundary.last != 0x20
        else { throw Refusal(reason: "its parts have no boundary") }
        let delimiter = Array("--".utf8) + boundary
        var parts: [Part] = []
        var start: Int?
        var from = 0
        while let place = ByteSearch.first(delimiter, in: body, from: from) {
            from = place + delimiter.count
            let isFirst = place == 0
            guard isFirst || place >= 2 && body[place - 2] == 0x0D && body[place - 1] == 0x0A
            else {
                throw Refusal(reason: "its boundary stands in the middle of a line")
            }
            if let start { parts.append(try Self.part(body, start..<place - 2, delimiter.count)) }
            guard parts.count <= Self.maximumParts else {
                throw Refusal(reason: "it has more than \(Self.maximumParts) parts")
            }
            let isLast = ByteSearch.holds(Array("--".utf8), in: body, at: from)
            var rest = isLast ? from + 2 : from
            while rest < body.count, body[rest] == 0x20 || body[rest] == 0x09 { rest += 1 }
            let hasBreak = ByteSearch.holds([0x0D, 0x0A], in: body, at: rest)
            guard hasBreak || isLast && rest == body.count else {
                throw Refusal(reason: "more follows its boundary in the line")
            }
            if isLast {
                guard ByteSearch.first(delimiter, in: body, from: rest) == nil else {
                    throw Refusal(reason: "its boundary follows the last part")
                }
                self.parts = parts
                end = place
                return
            }
            start = place
        }
        throw Refusal(reason: "its last part does not end")
    }

    /// The part whose delimiter stands at the start of a range.
    private static func part(
        _ body: [UInt8], _ range: Range<Int>, _ delimiter: Int
    ) throws(Refusal) -> Part {
        var lines: [Range<Int>] = []
        var place = range.lowerBound + delimiter
        // The rest of the delimiter's line.
        while place < body.count, body[place] != 0x0A { place += 1 }
        place += 1
        var disposition: ArraySlice<UInt8>?
        while place < range.upperBound {
            guard let feed = body[place..<range.upperBound].firstLineFeed, feed > place,
                body[feed - 1] == 0x0D
            else { break }
            let line = body[place..<feed - 1]
            if line.isEmpty {
                let named = try disposition.map { (value) throws(Refusal) in try names(value) }
                return Part(
                    range: range, lines: lines, content: feed + 1..<range.upperBound,
                    name: named?.name, hasFileName: named?.hasFileName ?? false)
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy(HTTPHead.isToken)
            else { throw Refusal(reason: "a header of a part is damaged") }
            let value = line[(colon + 1)...]
            if HTTPHead.isEqual(line[..<colon], "content-disposition".utf8) {
                guard disposition == nil else {
                    throw Refusal(reason: "a part has two names")
                }
                disposition = value
            } else if HTTPHead.isEqual(line[..<colon], "content-type".utf8) {
                let type = value.drop { $0 == 0x20 || $0 == 0x09 }
                guard !HTTPHead.isEqual(type.prefix(10), "multipart/".utf8) else {
                    throw Refusal(reason: "a part has parts itself")
                }
            }
            lines.append(place..<feed + 1)
            place = feed + 1
        }
        throw Refusal(reason: "the headers of a part do not end")
    }

    private static func names(
        _ disposition: ArraySlice<UInt8>
    ) throws(Refusal) -> (name: [UInt8]?, hasFileName: Bool) {
        guard let parameters = HeaderParameters.read(disposition) else {
            throw Refusal(reason: "the name of a part is damaged")
        }
        // A name in pieces or with a character set (RFC 2231) is read by some and not by others.
        let named = parameters.filter { HTTPHead.isEqual($0.name, "name".utf8) }
        guard named.count <= 1,
            !parameters.contains(where: { HTTPHead.isEqual($0.name.prefix(5), "name*".utf8) })
        else { throw Refusal(reason: "a part has two names") }
        return (
            named.first?.value,
            parameters.contains { HTTPHead.isEqual($0.name.prefix(8), "filename".utf8) }
        )
    }
}
