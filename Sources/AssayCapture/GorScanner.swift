import AssayCore
import SystemPackage

/// Takes the records of a GoReplay file apart, in flat memory.
///
/// The format has no lengths: a record ends where its HTTP message ends, if the separator follows
/// there, so that a body may hold the separator; else at the first separator that is followed by a
/// meta line or by the end of the file.
struct GorScanner: ~Copyable {
    private var input: ImportStream
    private var buffer: [UInt8] = []
    /// Where the record at hand starts in the buffer.
    private var start = 0
    private var atEnd = false
    /// Where the record at hand starts in the file, in (unpacked) bytes.
    private(set) var offset = 0

    /// A record is never larger than this.
    static let maximumRecord = 64 << 20

    init(_ path: FilePath) throws(AssayError) {
        input = try ImportStream(path)
    }

    /// What a record holds.
    struct Payload {
        /// Its bytes.
        let bytes: [UInt8]
        let state: State

        enum State {
            /// One whole message. A response that ends with its head, whose length nobody can know
            /// without its request, is `bodiless`.
            case whole(HTTPHead, bodiless: Bool)
            /// A message that ends too early, and one that cannot be read.
            case cut, unreadable(String)
        }
    }

    /// The meta line of the next record; `nil` at the end of the file.
    ///
    /// Throws `.damaged` with the byte offset where there is none.
    mutating func meta() throws(AssayError) -> GorMeta? {
        try fill(GorMeta.maximumLength)
        if let meta = GorMeta(buffer, at: start) { return meta }
        if buffer[start...].allSatisfy({ $0 == 0x0A || $0 == 0x0D }), atEnd { return nil }
        throw damaged(
            atEnd && buffer.count - start < GorMeta.maximumLength
                && !buffer[start...].contains(0x0A)
                ? "is cut short in a record that begins" : "holds no record of GoReplay")
    }

    /// Takes the record that `meta` begins; its payload is read as `role`.
    ///
    /// Throws `.damaged` with the byte offset if the file ends inside it.
    mutating func payload(
        of meta: GorMeta, role: HTTPFramer.Role
    ) throws(AssayError) -> Payload {
        let head = meta.length
        while true {
            var framer = HTTPFramer(role, limits: .init(message: Self.maximumRecord))
            var refusal: AssayError?
            do throws(AssayError) {
                _ = try framer.consume(buffer[(start + head)...])
            } catch {
                refusal = error
            }
            let end = head + framer.count
            if refusal == nil, framer.isComplete, let whole = framer.head {
                try fill(end + GorMeta.separator.count)
                if ByteSearch.holds(GorMeta.separator, in: buffer, at: start + end) {
                    let next = end + GorMeta.separator.count
                    return take(head, end, next, .whole(whole, bodiless: false))
                }
            }
            guard let separator = try separator(from: head) else {
                if buffer.count - start > Self.maximumRecord {
                    throw damaged("holds a record beyond \(ByteCount(Self.maximumRecord))")
                }
                guard atEnd else {
                    try grow()
                    continue
                }
                return try last(head, framer, refusal)
            }
            let next = separator + GorMeta.separator.count
            if let refusal {
                return take(head, separator, next, .unreadable(refusal.message))
            }
            let size = separator - head
            if let whole = framer.head, framer.endsWithConnection {
                return take(head, separator, next, .whole(whole, bodiless: false))
            }
            if case .response = role, let whole = framer.head, framer.bodyOffset == size {
                return take(head, separator, next, .whole(whole, bodiless: true))
            }
            if framer.isComplete {
                let isLonger = framer.count < size
                return take(
                    head, separator, next,
                    isLonger ? .unreadable("more follows its HTTP message") : .cut)
            }
            // The message goes on behind a separator: perhaps that is part of its body.
            if atEnd || buffer.count - start > Self.maximumRecord {
                return take(head, separator, next, .cut)
            }
            try grow()
        }
    }

    /// Goes on behind damage: to the next separator that is followed by a meta line, or to the end.
    mutating func skipDamage() throws(AssayError) {
        while true {
            if let separator = try separator(from: 0) {
                return advance(separator + GorMeta.separator.count)
            }
            if atEnd { return advance(buffer.count - start) }
            advance(max(0, buffer.count - start - 2 * GorMeta.maximumLength))
            try grow()
        }
    }

    /// The record that the file ends in, where the separator or a part of it may be missing.
    ///
    /// A message that only the end of its connection ends cannot be known to be whole then.
    private mutating func last(
        _ head: Int, _ framer: consuming HTTPFramer, _ refusal: AssayError?
    ) throws(AssayError) -> Payload {
        let size = buffer.count - start - head
        if refusal == nil, framer.isComplete, let whole = framer.head {
            let rest = buffer[(start + head + framer.count)...]
            if GorMeta.separator.starts(with: rest) {
                return take(
                    head, head + framer.count, head + size, .whole(whole, bodiless: false))
            }
        }
        throw damaged("is cut short in a record that begins")
    }

    /// Whether a record or the end of the file is at a place of the buffer.
    private func startsRecord(at place: Int) -> Bool {
        if GorMeta(buffer, at: place) != nil { return true }
        guard atEnd else { return false }
        let rest = buffer[place...]
        // What is left may be line breaks, or a meta line that was cut.
        return rest.count < GorMeta.maximumLength && !rest.dropLast().contains(0x0A)
    }

    /// Where the first separator with a record or the end behind it stands, from the record's start.
    private mutating func separator(from first: Int) throws(AssayError) -> Int? {
        var from = first
        while let place = ByteSearch.first(GorMeta.separator, in: buffer, from: start + from) {
            let found = place - start
            try fill(found + GorMeta.separator.count + GorMeta.maximumLength)
            if startsRecord(at: start + found + GorMeta.separator.count) { return found }
            from = found + 1
        }
        return nil
    }

    private mutating func take(
        _ head: Int, _ end: Int, _ next: Int, _ state: Payload.State
    ) -> Payload {
        let payload = Payload(bytes: Array(buffer[(start + head)..<(start + end)]), state: state)
        advance(next)
        return payload
    }

    private mutating func advance(_ count: Int) {
        start += count
        offset += count
    }

    /// Makes `count` bytes of the record at hand be there, if the file has them.
    private mutating func fill(_ count: Int) throws(AssayError) {
        while buffer.count - start < count, !atEnd { try more() }
    }

    /// Reads about as much again as there is.
    private mutating func grow() throws(AssayError) {
        try fill(max(1 << 20, 2 * (buffer.count - start)))
    }

    private mutating func more() throws(AssayError) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        do throws(AssayError) {
            atEnd = try !input.read(into: &buffer)
        } catch {
            // What was read before the damage is whole; the caller learns of it when it gets there.
            guard error.code == .damaged else { throw error }
            failure = error
            atEnd = true
        }
    }

    /// Why the input ended early, if it did.
    private(set) var failure: AssayError?

    private func damaged(_ what: String) -> AssayError {
        AssayError(
            .damaged,
            "\(input.name) \(what) at byte \(offset)\(input.isPacked ? " of its unpacked content" : "")",
            hint: "keep the whole exchanges with `--salvage`", cause: failure)
    }
}
