public import AssayCore

/// Values that a replay puts back into requests where a redaction took them, and that nothing may keep.
public struct RedactionSecrets: Sendable {
    private struct Secret: Sendable {
        let place: RedactionRules.Place
        let value: [UInt8]
    }

    private let secrets: [Secret]
    /// How the values may stand in what a service says.
    private let patterns: [SecretPattern]
    /// Whether one of them may begin with a byte.
    private let starts: [Bool]

    /// Values are at least so long, so that they are told from other text.
    public static let minimumLength = 8

    /// None.
    public static let none = RedactionSecrets()

    private init() {
        secrets = []
        patterns = []
        starts = []
    }

    /// Takes the values that rules name from an environment.
    ///
    /// Throws `.usage`, naming the variable and its rule and never a value, for one that is not set, is
    /// too short, or cannot stand in a request.
    public init(
        _ rules: RedactionRules, environment: [String: String]
    ) throws(AssayError) {
        var secrets: [Secret] = []
        for rule in rules.rules {
            guard let name = rule.secret, !secrets.contains(where: { $0.place == rule.place })
            else { continue }
            let what = "the secret \(name) that the redaction rule for \(rule.place.name) puts back"
            guard let text = environment[name], !text.isEmpty else {
                throw AssayError(
                    .usage, "could not replay: \(what) is not set",
                    hint: "set \(name) in the environment of this command")
            }
            guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                throw AssayError(
                    .usage,
                    "could not replay: \(what) has characters that a request cannot carry there",
                    hint: "set \(name) to printable ASCII, without a line break at its end")
            }
            guard text.utf8.count >= Self.minimumLength else {
                throw AssayError(
                    .usage,
                    "could not replay: \(what) has \(text.utf8.count) characters, too few to be "
                        + "told from other text in answers",
                    hint: "set \(name) to one of \(Self.minimumLength) characters or more")
            }
            secrets.append(Secret(place: rule.place, value: Array(text.utf8)))
        }
        self.secrets = secrets
        patterns = secrets.flatMap { Self.patterns(of: $0.value) }
        var starts = [Bool](repeating: false, count: 256)
        for byte in patterns.flatMap(\.starts) { starts[Int(byte)] = true }
        self.starts = starts
    }

    /// Whether there are none.
    public var isEmpty: Bool { secrets.isEmpty }

    /// Names of variables that hold a value, of those that rules name.
    public static func variables(of rules: RedactionRules) -> Set<String> {
        Set(rules.rules.compactMap(\.secret))
    }

    /// A value, and without the scheme that leads it.
    private static func patterns(of value: [UInt8]) -> [SecretPattern] {
        let words = value.split(separator: 0x20)
        guard words.count == 2, let last = words.last, last.count >= minimumLength else {
            return [SecretPattern(value)]
        }
        return [SecretPattern(value), SecretPattern(Array(last))]
    }

    /// The request of an exchange with the values at the places that its redaction took; `nil` if none of
    /// them was there. Throws `.unsupported` for a request that is no whole HTTP/1.1.
    public func request(of exchange: Exchange) throws(AssayError) -> [UInt8]? {
        let taken = secrets.filter { secret in
            exchange.redacted.contains("request \(secret.place.name)")
        }
        guard !taken.isEmpty else { return nil }
        let message: HTTPMessage
        do throws(AssayError) {
            message = try HTTPMessage(exchange.request, role: .request)
        } catch {
            throw AssayError(
                .unsupported, "could not put a secret back into exchange \(exchange.id)",
                cause: error)
        }
        var head = HeadEdit(message.bytes[..<message.bodyStart])
        for secret in taken {
            switch secret.place {
            case .header(let name): head.setField(name, to: secret.value)
            case .query(let name): setQuery(name, to: secret.value, in: &head)
            case .pointer, .unreadableBody: break
            }
        }
        return head.bytes + message.bytes[message.bodyStart...]
    }

    /// Gives the pairs of a name in the query of a target another value.
    private func setQuery(_ name: String, to value: [UInt8], in head: inout HeadEdit) {
        guard let target = head.target, let mark = target.firstIndex(of: UInt8(ascii: "?")) else {
            return
        }
        let pairs = target[(mark + 1)...].split(
            separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        let changed = pairs.map { pair -> [UInt8] in
            let own = pair.prefix { $0 != UInt8(ascii: "=") }
            guard own.count < pair.count,
                Redactor.name(ofPair: own).lowercased() == name.lowercased()
            else { return Array(pair) }
            return Array(own) + [UInt8(ascii: "=")] + PercentCoding.encoded(value)
        }
        head.setTarget(Array(target[...mark]) + changed.joined(separator: [UInt8(ascii: "&")]))
    }

    /// Bytes with the mask where a value stood, in any writing that `SecretPattern` knows; `nil` if none
    /// does. Costs a glance at each byte.
    public func hidden(in bytes: [UInt8]) -> [UInt8]? {
        guard !isEmpty else { return nil }
        let found = unsafe bytes.withUnsafeBufferPointer { text in unsafe places(in: text) }
        guard !found.isEmpty else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var rest = 0
        for place in found {
            result += bytes[rest..<place.lowerBound] + Array(Redactor.mask.utf8)
            rest = place.upperBound
        }
        return result + bytes[rest...]
    }

    /// Where values stand, in order; of those that begin at one byte the longest.
    private func places(in text: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        unsafe starts.withUnsafeBufferPointer { starts in
            var place = 0
            while place < text.count {
                guard unsafe starts[Int(text[place])] else {
                    place += 1
                    continue
                }
                var end = place
                for pattern in patterns {
                    end = max(end, unsafe pattern.end(in: text, from: place) ?? end)
                }
                if end > place { found.append(place..<end) }
                place = max(end, place + 1)
            }
        }
        return found
    }

    /// A text with the mask where a value stood.
    public func hidden(in text: String) -> String {
        hidden(in: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// A response with the mask where a value stood, also inside chunks and content encodings; `nil` if
    /// none does. A body whose content encoding cannot be undone may hold one, and is dropped. Throws
    /// `.unsupported` for a message that is no whole HTTP/1.1.
    public func hidden(
        in response: HTTPMessage, toMethod method: String
    ) throws(AssayError) -> (message: HTTPMessage, isBodyDropped: Bool)? {
        guard !isEmpty else { return nil }
        if response.hasPlainBody {
            // No writing of a value has a line break in it, so that none goes from the head into the body.
            let isClean = unsafe response.bytes.withUnsafeBufferPointer { text in
                unsafe places(in: text).isEmpty
            }
            if isClean { return nil }
        }
        let decoded = ContentCoding.decoded(response)
        let isDropped = decoded == nil && !response.body.isEmpty
        let body = decoded ?? []
        let head = Array(response.bytes[..<response.bodyStart])
        let newHead = hidden(in: head)
        let newBody = isDropped ? [] : hidden(in: body)
        let inTrailers = hidden(in: Array(response.trailers)) != nil
        guard newHead != nil || newBody != nil || inTrailers else { return nil }
        var edit = HeadEdit((newHead ?? head)[...])
        let bytes: [UInt8]
        if let newBody {
            bytes = newBody
            edit.setLength(bytes.count)
        } else if inTrailers {
            bytes = Array(response.body)
            edit.setLength(bytes.count, keepsContentEncoding: true)
        } else {
            bytes = Array(response.bytes[response.bodyStart...])
        }
        let message = try HTTPMessage(edit.bytes + bytes, role: .response(toMethod: method))
        return (message, isDropped)
    }
}

extension RedactionRules.Place {
    /// The place as `Exchange.redacted` names it behind the part of the exchange.
    var name: String {
        switch self {
        case .header(let name): "header \(name)"
        case .query(let name): "query \(name.lowercased())"
        case .pointer(let tokens): "body \(JSONPointer.text(tokens))"
        case .unreadableBody: "body"
        }
    }
}
