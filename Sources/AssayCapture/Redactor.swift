public import AssayCore

/// Applies redaction rules to exchanges, before their ids are derived.
///
/// What no rule names stays byte for byte as it was. Where a body changes, it is written without
/// chunks and content encoding, and counted anew.
public struct Redactor: Sendable {
    /// The rules.
    public let rules: RedactionRules
    private let key: KeyedDigest
    let pointers: [(tokens: [String], action: RedactionRules.Action)]
    let hasQueries: Bool
    /// Whether it looks into bodies that may be JSON, which costs a parse of each.
    public var readsBodies: Bool { !pointers.isEmpty }
    let tapes = SharedTape()
    /// Whether a header's name of some length and first letter may be one that a rule names, so that
    /// most heads are passed over at one glance: bit `letter` of element `length`.
    private let headerMarks: [UInt32]

    /// Makes a redactor; `key` should be 32 random bytes that stay with the service.
    public init(_ rules: RedactionRules, key: [UInt8]) {
        self.rules = rules
        self.key = KeyedDigest(key: key)
        pointers = rules.pointers
        var marks = [UInt32](repeating: 0, count: 64)
        for case .header(let name) in rules.rules.map(\.place) {
            marks[min(name.utf8.count, 63)] |= 1 << UInt32((name.utf8.first ?? 0) & 31)
        }
        hasQueries = rules.rules.contains {
            if case .query = $0.place { return true }
            return false
        }
        headerMarks = marks
    }

    /// Tells this redactor from others: by its rules, and its key if a rule makes names with that.
    public var digest: Digest {
        let isNaming = rules.rules.contains { $0.action == .pseudonym }
        return Digest(
            of: CanonicalJSON.encode([
                "rules": rules.json, "key": isNaming ? .string(pseudonym("key".utf8)) : .null,
            ]))
    }

    /// Fields that hold an address, whose query may have what a rule names.
    static let addressFields = ["location", "content-location", "referer"]

    /// The name that stands for a value.
    public func pseudonym(_ value: some Sequence<UInt8>) -> String {
        Self.pseudonymStart + key.code(for: value).hex.prefix(24)
    }

    private static let pseudonymStart = "pseudonym-"

    /// Whether a value is written as a name that stands for another one, of whatever key. Such a value is
    /// given no other name, since it says nothing of what it stands for.
    static func isPseudonym(_ value: some Collection<UInt8>) -> Bool {
        guard value.count == pseudonymStart.utf8.count + 24,
            value.starts(with: pseudonymStart.utf8)
        else { return false }
        return value.dropFirst(pseudonymStart.utf8.count).allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
    }

    /// Why an exchange is lost that could not be redacted.
    public static let refusal = "a message is no whole HTTP/1.1, so that it could not be redacted"

    /// What all sentences about a body say that could not be read.
    public static let unreadableNote = "body may hold what a redaction rule names"

    /// What stands for a masked value.
    public static let mask = "redacted"

    /// Redacts an exchange; `found` are the rules by which its session, key and slices were found
    /// before, which become pseudonyms where they come from a redacted place. Gives sentences about
    /// bodies in which rules name places and which could not be read.
    ///
    /// Throws `.unsupported` for a message in which no place can be found because it is no whole
    /// HTTP/1.1 message, and `.limit` without memory for a parser: the exchange is then not to be kept,
    /// since something in it may be what the rules take out. Costs one pass over the heads, and a parse
    /// of the bodies if a rule names places in them.
    public func apply(
        to exchange: inout Exchange, found: ExchangeRules? = nil
    ) throws(AssayError) -> [String] {
        var log = Log(before: Set(exchange.redacted))
        let method = ExchangeText.method(of: exchange.request)
        if let request = try redacted(exchange.request, .request, "request", &log) {
            exchange.request = request
        }
        if exchange.isAnswered,
            let response = try redacted(
                exchange.response, .response(toMethod: method), "response", &log)
        {
            exchange.response = response
        }
        if !log.done.isEmpty { exchange.rename() }
        for index in exchange.egress.indices {
            let call = exchange.egress[index]
            let name = "egress \(call.name)"
            if let request = try redacted(call.request, .request, "\(name) request", &log) {
                exchange.egress[index].request = request
            }
            let method = ExchangeText.method(of: call.request)
            if !call.response.isEmpty,
                let response = try redacted(
                    call.response, .response(toMethod: method), "\(name) response", &log)
            {
                exchange.egress[index].response = response
            }
        }
        if let found { hide(&exchange, found) }
        if !log.done.isEmpty {
            exchange.redacted = Set(exchange.redacted).union(log.done.keys).sorted()
        }
        return log.notes
    }

    /// What was done to an exchange.
    struct Log {
        /// The places that were redacted earlier: numbers there are given no others.
        var before: Set<String> = []
        /// The places that were redacted, and what was done there.
        var done: [String: RedactionRules.Action] = [:]
        /// What is to be counted beside them.
        var notes: [String] = []
    }

    /// A request as it would be kept; `nil` if nothing of it is taken out. Numbers at places of `part`
    /// that were redacted `before`, as in `Exchange.redacted`, stay as they are. Throws as `apply` does.
    public func kept(
        request: [UInt8], part: String = "request", before: [String] = []
    ) throws(AssayError) -> [UInt8]? {
        var log = Log(before: Set(before))
        return try redacted(request, .request, part, &log)
    }

    /// A response as it would be kept, and how it came to that.
    public struct KeptResponse: Sendable {
        /// The whole message.
        public let message: HTTPMessage
        /// The places that were redacted, as in `Exchange.redacted`, and what was done there.
        public let places: [String: RedactionRules.Action]
        /// Sentences about a body that could not be read.
        public let notes: [String]
    }

    /// A response to a request of this method as it would be kept; `nil` if nothing of it is taken out.
    ///
    /// Numbers at places that were redacted `before`, as in `Exchange.redacted`, stay as they are.
    /// Throws as `apply` does. Costs a glance at each line of its head, unless rules name places in
    /// bodies.
    public func kept(
        response: HTTPMessage, toMethod method: String, before: [String] = []
    ) throws(AssayError) -> KeptResponse? {
        guard mayChange(response.bytes) else { return nil }
        var log = Log(before: Set(before))
        let role = HTTPFramer.Role.response(toMethod: method)
        guard let bytes = try redacted(response, role, "response", &log) else { return nil }
        return KeptResponse(
            message: try Self.message(bytes, role, "response"), places: log.done, notes: log.notes)
    }

    /// Replaces what was found in redacted places.
    private func hide(_ exchange: inout Exchange, _ found: ExchangeRules) {
        func hidden(_ value: String?, _ source: ExchangeRules.Source?) -> String? {
            guard let value, let source, rules.redacts(source),
                !Self.isPseudonym(value.utf8)
            else {
                return value
            }
            return pseudonym(value.utf8)
        }
        exchange.session = hidden(exchange.session, found.session)
        exchange.key = hidden(exchange.key, found.key)
        exchange.trace = hidden(exchange.trace, found.trace)
        for slice in found.slices {
            exchange.slices[slice.name] = hidden(exchange.slices[slice.name], slice.source)
        }
    }

    /// The message with its redactions; `nil` if nothing changes.
    private func redacted(
        _ bytes: [UInt8], _ role: HTTPFramer.Role, _ part: String, _ log: inout Log
    ) throws(AssayError) -> [UInt8]? {
        guard mayChange(bytes) else { return nil }
        return try redacted(Self.message(bytes, role, part), role, part, &log)
    }

    private static func message(
        _ bytes: [UInt8], _ role: HTTPFramer.Role, _ part: String
    ) throws(AssayError) -> HTTPMessage {
        do throws(AssayError) {
            return try HTTPMessage(bytes, role: role)
        } catch {
            throw AssayError(
                .unsupported,
                "could not redact the \(part) of an exchange: it is no whole HTTP/1.1",
                cause: error)
        }
    }

    private func redacted(
        _ message: HTTPMessage, _ role: HTTPFramer.Role, _ part: String, _ log: inout Log
    ) throws(AssayError) -> [UInt8]? {
        var head = HeadEdit(message.bytes[..<message.bodyStart])
        edit(&head, part, &log)
        if case .request = role { editTarget(&head, part, &log) }
        let body = try redactedBody(message, part, &log)
        // Trailers that a rule names go with the chunks; what is in the body stays.
        var trailers = HeadEdit(message.trailers)
        edit(&trailers, part, &log)
        guard body != nil || head.isChanged || trailers.isChanged else { return nil }
        if let body {
            head.setLength(body.count)
            return head.bytes + body
        }
        guard trailers.isChanged else { return head.bytes + message.bytes[message.bodyStart...] }
        head.setLength(message.body.count, keepsContentEncoding: true)
        return head.bytes + message.body
    }

    /// Whether a message may have a place that a rule names; costs a glance at each line of its head.
    private func mayChange(_ bytes: [UInt8]) -> Bool {
        if !pointers.isEmpty { return true }
        // An empty line may precede a request, and would be taken for the end of the head.
        if bytes.first == 0x0D || bytes.first == 0x0A { return true }
        // Heads that follow interim responses are looked at in full.
        if bytes.starts(with: "HTTP/1.1 1".utf8) { return true }
        // So are chunks that end in trailers, or in an extension.
        let hasPlainEnd = bytes.suffix(6).elementsEqual("\n0\r\n\r\n".utf8)
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            var start = 0
            while let feed = unsafe ByteSearch.first(0x0A, in: buffer, from: start) {
                if start == 0 {
                    let line = unsafe buffer[..<feed]
                    if unsafe line.contains(where: { $0 == 0x3F || $0 == 0x40 }) { return true }
                } else if feed <= start + 1 {
                    return false
                } else if unsafe mayName(buffer, start, feed, hasPlainEnd: hasPlainEnd) {
                    return true
                }
                start = feed + 1
            }
            return true
        }
    }

    /// Whether a line may be a field that a rule names, the type of a form, or say that there are
    /// chunks where they do not end as those without trailers do.
    private func mayName(
        _ buffer: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, hasPlainEnd: Bool
    ) -> Bool {
        guard let colon = unsafe ByteSearch.first(UInt8(ascii: ":"), in: buffer, from: start),
            colon < end
        else { return true }
        let length = min(colon - start, 63)
        let letter = unsafe UInt32(buffer[start] & 31)
        if headerMarks[length] >> letter & 1 == 1 { return true }
        if unsafe Self.mayBeAddress(buffer, start, length, letter) {
            // Only with a user, a query or a fragment is there something to take out.
            return unsafe buffer[(colon + 1)..<end].contains { [0x23, 0x3F, 0x40].contains($0) }
        }
        if !hasPlainEnd, length == 17, letter == 20 { return true }
        // A Content-Type whose value goes on as that of forms does.
        guard hasQueries, length == 12, letter == 3, end - colon > 16 else { return false }
        return unsafe buffer[(colon + 1)..<end].contains(UInt8(ascii: "-"))
    }

    /// Whether a field may be one of `addressFields`, by its length, first letter and, since encodings
    /// are named in many heads, the letter behind `Content-`.
    private static func mayBeAddress(
        _ buffer: UnsafeBufferPointer<UInt8>, _ start: Int, _ length: Int, _ letter: UInt32
    ) -> Bool {
        switch (length, letter) {
        case (7, 18), (8, 12): true
        case (16, 3): unsafe buffer[start + 8] & 31 == 12
        default: false
        }
    }

    private func edit(_ head: inout HeadEdit, _ part: String, _ log: inout Log) {
        head.editFields { name, value in
            guard let action = rules.action(header: name) else {
                let isAddress = Self.addressFields.contains {
                    HTTPHead.isEqual($0.utf8, name)
                }
                guard isAddress, let changed = redactedAddress(value, part, &log) else {
                    return .keep
                }
                return .replace(changed)
            }
            let place = "\(part) header \(String(decoding: name, as: UTF8.self).lowercased())"
            if action == .pseudonym, Self.isPseudonym(value) { return .keep }
            log.done[place] = action
            switch action {
            case .drop: return .drop
            case .mask: return .replace(Array(Self.mask.utf8))
            case .pseudonym: return .replace(Array(pseudonym(value).utf8))
            case .keep: return .keep
            }
        }
    }

    /// The pairs of a query or form with their redactions, which are told as places of that `kind`; `nil`
    /// if nothing changes.
    func redactedPairs(
        _ query: ArraySlice<UInt8>, _ kind: PairKind, _ part: String, _ log: inout Log
    ) -> [UInt8]? {
        var isChanged = false
        var pairs: [[UInt8]] = []
        let ampersand = UInt8(ascii: "&")
        for pair in query.split(separator: ampersand, omittingEmptySubsequences: false) {
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            let text = Self.name(ofPair: name)
            guard let action = rules.action(query: text), name.count < pair.count else {
                pairs.append(Array(pair))
                continue
            }
            let place = "\(part) \(kind.rawValue) \(text.lowercased())"
            let value = pair.dropFirst(name.count + 1)
            if action == .pseudonym, Self.isPseudonym(value) {
                pairs.append(Array(pair))
                continue
            }
            isChanged = true
            log.done[place] = action
            switch action {
            case .drop: break
            case .pseudonym: pairs.append(Array(name) + Array("=\(pseudonym(value))".utf8))
            case .mask, .keep: pairs.append(Array(name) + Array("=\(Self.mask)".utf8))
            }
        }
        return isChanged ? Array(pairs.joined(separator: [ampersand])) : nil
    }

    /// The name of a pair as it is meant.
    static func name(ofPair name: some Sequence<UInt8>) -> String {
        String(decoding: PercentCoding.decoded(name, plusIsSpace: true), as: UTF8.self)
    }

    /// Where pairs stand that rules for names of queries take: a replay can put back those of a target.
    enum PairKind: String {
        /// In a request's target.
        case query
        /// In a form, as pairs or as parts.
        case form
        /// In an address that a header field holds.
        case address
    }

    /// A whole number that stands for a number, so that its type stays.
    func number(_ value: [UInt8]) -> [UInt8] {
        let code = key.code(for: value).bytes.prefix(6).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Array("\(code)".utf8)
    }
}
