public import AssayCore

/// What a scan of a capture found, by kind and place.
public struct SecretReport: Sendable {
    /// One kind in one place.
    public struct Row: Hashable, Sendable {
        /// What was found, and where: `request body`, `response header x-user`, `request target`.
        public let kind: String, place: String
        /// Exchanges that have it, and the first of them.
        public var count: Int
        public let example: String
        /// The first characters of the first one; never all of it.
        public let excerpt: String
    }

    private var found: [String: Row] = [:]

    /// Nothing found yet.
    public init() {}

    /// What was found, the most frequent first.
    public var rows: [Row] {
        found.values.sorted {
            ($1.count, $0.kind, $0.place) < ($0.count, $1.kind, $1.place)
        }
    }

    /// The report for scripts.
    public var document: JSONValue {
        .array(
            rows.map { row in
                [
                    "kind": .string(row.kind), "place": .string(row.place),
                    "exchanges": JSONValue(row.count), "first": .string(row.example),
                    "begins": .string(row.excerpt),
                ]
            })
    }

    /// Looks through an exchange, its calls and what is known of it; bodies without their encodings.
    public mutating func add(_ exchange: Exchange, id: String) {
        var seen: Set<String> = []
        let method = ExchangeText.method(of: exchange.request)
        look(exchange.request, .request, "request", id, &seen)
        look(exchange.response, .response(toMethod: method), "response", id, &seen)
        for call in exchange.egress {
            let method = ExchangeText.method(of: call.request)
            look(call.request, .request, "egress \(call.name) request", id, &seen)
            look(
                call.response, .response(toMethod: method), "egress \(call.name) response", id,
                &seen)
        }
        for (name, value) in [
            ("session", exchange.session), ("key", exchange.key), ("label", exchange.label),
        ] {
            if let value { add(Array(value.utf8), name, id, &seen) }
        }
        for (name, value) in exchange.slices { add(Array(value.utf8), "slice \(name)", id, &seen) }
    }

    private mutating func look(
        _ bytes: [UInt8], _ role: HTTPFramer.Role, _ part: String, _ id: String,
        _ seen: inout Set<String>
    ) {
        guard !bytes.isEmpty else { return }
        // What cannot be read as a message is looked through as it is.
        guard let message = try? HTTPMessage(bytes, role: role) else {
            return add(bytes, part, id, &seen)
        }
        if case .request = role {
            add(Array(message.head.target.utf8), "\(part) target", id, &seen)
        }
        for field in message.head.fields {
            add(Array(field.value.utf8), "\(part) header \(field.name.lowercased())", id, &seen)
        }
        let body = ContentCoding.decoded(message) ?? Array(message.body)
        add(body, "\(part) body", id, &seen)
        let type = message.head["content-type"] ?? ""
        guard BodyType(type).isMultipart else { return }
        let boundary = HeaderParameters.value(of: "boundary", in: type)
        // What cannot be cut into parts was looked through as it is.
        guard case .success(let form) = MultipartForm.cut(body, boundary: boundary) else { return }
        for field in form.parts {
            guard let name = field.name else { continue }
            // As a form writes it, so that a secret is known by its name. All of the body was looked through
            // already: of a long one its begin tells.
            add(
                name + Array("=".utf8) + body[field.content].prefix(4096), "\(part) body", id, &seen
            )
        }
    }

    private mutating func add(
        _ text: [UInt8], _ place: String, _ id: String, _ seen: inout Set<String>
    ) {
        for finding in SecretScanner.findings(in: text) {
            let name = "\(finding.kind) \(place)"
            guard seen.insert(name).inserted else { continue }
            if found[name] != nil {
                found[name]?.count += 1
                continue
            }
            let shown = min(6, finding.range.count / 3)
            let start = text[finding.range].prefix(shown)
            found[name] = Row(
                kind: finding.kind, place: place, count: 1, example: id,
                excerpt: ExchangeText.plain(String(decoding: start, as: UTF8.self)) + "…")
        }
    }
}
