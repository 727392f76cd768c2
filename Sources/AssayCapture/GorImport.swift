public import AssayCore
import AssaySystem
import CZlib
import Glibc
public import SystemPackage

/// Reads what GoReplay records: `.gor` files, plain or gzipped.
///
/// A record is a meta line (type, id, time in nanoseconds, and for some a latency), the HTTP message,
/// and a separator line. The message's own framing says where it ends, so a body that holds the
/// separator is read right; the separator after the last record may be absent. A response may come
/// before its request. Of types only 1 (request) and 2 (response) make exchanges; 3 (the answer of a
/// replay) is counted as skipped.
public enum GorImport {
    static let separator = Array("\n🐵🙈🙉\n".utf8)
    /// A record larger than this is damage, not a message.
    static let maximumRecord = 256 << 20

    /// Copies the exchanges of a file into a journal and counts them.
    ///
    /// Throws `.damaged` with the byte offset in the uncompressed data; with `salvage` it goes on
    /// after the next separator and counts what it passed over as truncated. Memory holds the
    /// requests whose response has not come yet.
    public static func read(
        _ path: FilePath, into journal: inout CaptureJournal, salvage: Bool
    ) throws(AssayError) -> CaptureLosses {
        var pairing = GorPairing()
        var input = try GzipInput(path: path)
        var buffer: [UInt8] = []
        var start = 0
        var consumed = 0
        var atEnd = false
        while true {
            // A record is whole when a separator lies behind its message, or at the end of the file.
            var isWaiting = false
            while !isWaiting {
                do throws(AssayError) {
                    let record = try GorRecord.take(
                        from: buffer[start...], atEnd: atEnd, method: { pairing.method(of: $0) })
                    guard let record else {
                        isWaiting = true
                        continue
                    }
                    start += record.length
                    try pairing.add(record, to: &journal)
                    continue
                } catch {
                    let place = AssayError(
                        .damaged, "\(path) is damaged at byte \(consumed + start)",
                        hint: "keep what is whole with `--salvage`", cause: error)
                    guard salvage, error.code == .damaged || error.code == .limit else {
                        throw place
                    }
                    pairing.losses.lose(\.truncated, "a record that cannot be read")
                    start = skip(buffer, from: start, atEnd: atEnd)
                }
            }
            if atEnd { break }
            consumed += start
            buffer.removeFirst(start)
            start = 0
            guard buffer.count <= maximumRecord else {
                throw AssayError(
                    .damaged,
                    "\(path) has no whole record in \(ByteCount(maximumRecord)) at byte \(consumed)"
                )
            }
            let more = try input.next()
            if more.isEmpty { atEnd = true } else { buffer += more }
        }
        let rest = buffer[start...].drop { $0 == 0x0A || $0 == 0x0D }
        if !rest.isEmpty {
            guard salvage else {
                throw AssayError(
                    .damaged,
                    "\(path) is cut short: the record at byte \(consumed + start) has no end",
                    hint: "keep what is whole with `--salvage`")
            }
            pairing.losses.lose(\.truncated, "the last record is cut short")
        }
        return pairing.finish()
    }

    private static func skip(_ buffer: [UInt8], from start: Int, atEnd: Bool) -> Int {
        var index = start
        while index + separator.count <= buffer.count {
            if buffer[index] == separator[0],
                buffer[index..<index + separator.count].elementsEqual(separator)
            {
                return index + separator.count
            }
            index += 1
        }
        return atEnd ? buffer.count : max(start + 1, buffer.count - separator.count)
    }
}

/// One record of a `.gor` file.
struct GorRecord {
    let type: Int
    let id: String
    let time: Int64
    let latency: Int64
    let payload: [UInt8]
    /// Its bytes in the file, the separator included.
    let length: Int

    /// Reads the record that starts `bytes`; `nil` if it is not whole yet.
    ///
    /// `method` gives the method of the request of an id, where it is known: an answer to HEAD has
    /// no body, whatever its length says.
    static func take(
        from bytes: ArraySlice<UInt8>, atEnd: Bool, method: (String) -> String?
    ) throws(AssayError) -> GorRecord? {
        let blank = bytes.prefix { $0 == 0x0A || $0 == 0x0D }.count
        let body = bytes.dropFirst(blank)
        guard let lineEnd = body.firstIndex(of: 0x0A) else {
            guard body.count < 4096 else { throw damaged("its meta line has no end") }
            return nil
        }
        let words = body[..<lineEnd].split(separator: 0x20).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard (3...4).contains(words.count), let type = Int(words[0]), (1...3).contains(type),
            words[1].utf8.count == 24 || words[1].utf8.count == 40,
            words[1].allSatisfy(\.isHexDigit), let time = Int64(words[2]), time > 0
        else { throw damaged("its meta line is not type, id and time") }
        let latency = words.count == 4 ? Int64(words[3]) ?? 0 : 0
        let start = lineEnd + 1
        guard
            let end = try end(
                of: body[start...],
                role: type == 1 ? .request : .response(toMethod: method(words[1]) ?? "GET"),
                atEnd: atEnd)
        else { return nil }
        return GorRecord(
            type: type, id: words[1], time: time, latency: latency,
            payload: Array(body[start..<end.payload]),
            length: end.record - bytes.startIndex)
    }

    /// Where the payload and the record end: at the first separator at or behind the end of the HTTP
    /// message, so that one inside its body does not count.
    private static func end(
        of bytes: ArraySlice<UInt8>, role: HTTPFramer.Role, atEnd: Bool
    ) throws(AssayError) -> (payload: Int, record: Int)? {
        var framer = HTTPFramer(role, limits: .init(message: GorImport.maximumRecord))
        var searchFrom = bytes.startIndex
        if let count = try? framer.consume(bytes), framer.isComplete { searchFrom += count }
        let separator = GorImport.separator
        var index = searchFrom
        while let line = bytes[index...].firstIndex(of: 0x0A) {
            guard line + separator.count <= bytes.endIndex else { break }
            if bytes[line..<line + separator.count].elementsEqual(separator) {
                return (line, line + separator.count)
            }
            index = line + 1
        }
        guard atEnd, framer.isComplete || framer.endsWithConnection else { return nil }
        // The last record may lack its separator; line breaks behind the message are no part of it.
        var payloadEnd = bytes.endIndex
        while payloadEnd > searchFrom, bytes[payloadEnd - 1] == 0x0A { payloadEnd -= 1 }
        return (payloadEnd, bytes.endIndex)
    }

    private static func damaged(_ reason: String) -> AssayError {
        AssayError(.damaged, "a record cannot be read: \(reason)")
    }
}

/// Joins requests and responses, whichever comes first.
struct GorPairing {
    var losses = CaptureLosses()
    private var requests: [String: GorRecord] = [:]
    private var responses: [String: GorRecord] = [:]

    mutating func add(_ record: GorRecord, to journal: inout CaptureJournal) throws(AssayError) {
        switch record.type {
        case 1:
            if let response = responses.removeValue(forKey: record.id) {
                try join(record, response, &journal)
            } else if requests.updateValue(record, forKey: record.id) != nil {
                losses.lose(\.skipped, "two requests have one id")
            }
        case 2:
            if let request = requests.removeValue(forKey: record.id) {
                try join(request, record, &journal)
            } else if responses.updateValue(record, forKey: record.id) != nil {
                losses.lose(\.skipped, "two responses have one id")
            }
        default: losses.lose(\.skipped, "an answer of a replay, not of production")
        }
    }

    /// The method of the request of an id, if it has come already.
    func method(of id: String) -> String? {
        requests[id].map { String(decoding: $0.payload.prefix { $0 != 0x20 }, as: UTF8.self) }
    }

    mutating func finish() -> CaptureLosses {
        for _ in requests { losses.lose(\.truncated, "a request without a response") }
        for _ in responses { losses.lose(\.truncated, "a response without a request") }
        return losses
    }

    private mutating func join(
        _ request: GorRecord, _ response: GorRecord, _ journal: inout CaptureJournal
    ) throws(AssayError) {
        guard let message = try? HTTPMessage(request.payload, role: .request) else {
            return losses.lose(\.unsupported, "a request that is not whole HTTP/1.1")
        }
        let method = message.head.method
        guard (try? HTTPMessage(response.payload, role: .response(toMethod: method))) != nil else {
            return losses.lose(\.unsupported, "a response that is not whole HTTP/1.1")
        }
        // The response's time is when its first byte came; its latency is what the last one took.
        let first = max(0, response.time - request.time)
        try journal.append(
            Exchange(
                request: request.payload, response: response.payload, startedAt: request.time,
                firstByteAfter: first, endedAfter: max(first, first + response.latency)))
        losses.keep()
    }
}
