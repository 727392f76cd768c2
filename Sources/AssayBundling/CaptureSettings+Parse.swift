import AssayConfiguration
import AssayCore

extension CaptureSettings {
    init(_ node: ConfigurationNode) throws(AssayError) {
        let fields = try node.mapping(allowing: [
            "session", "trace", "key", "routes", "slices", "redact", "retention",
        ])
        session = try Self.source(fields.optional("session"))
        trace = try Self.source(fields.optional("trace"))
        key = try Self.source(fields.optional("key"))
        routes = try Self.routes(fields.optional("routes"))
        slices = try Self.slices(fields.optional("slices"))
        redactions = try Self.redactions(fields.optional("redact"))
        retentionDays = try fields.optional("retention").map { (node) throws(AssayError) in
            let text = try node.text()
            guard text.hasSuffix("d"), let days = Int(text.dropLast()), (1...36_500).contains(days),
                text == "\(days)d"
            else {
                throw node.failure("`\(text)` is not a count of days from 1d to 36500d, as 90d")
            }
            return days
        }
    }

    private static func redactions(_ node: ConfigurationNode?) throws(AssayError) -> [Redaction] {
        let names = ["header", "query", "pointer", "body"]
        var redactions: [Redaction] = []
        for element in try node?.sequence() ?? [] {
            let fields = try element.mapping(
                allowing: Set(names + ["as", "answer_depends", "at_replay"]))
            let given = try fields.entries().filter { names.contains($0.key) }
            guard let name = given.first?.key, let node = given.first?.value, given.count == 1
            else {
                throw element.failure(
                    "\(element.name) needs one of `header`, `query`, `pointer` and `body`")
            }
            let text = try node.text()
            let action =
                try fields.optional("as")?.choice(of: ["drop", "mask", "pseudonym", "keep"])
                ?? "mask"
            let place: Redaction.Place
            if name == "pointer" {
                guard let tokens = JSONPointer.tokens(text), !tokens.isEmpty else {
                    throw node.failure(
                        "`\(text)` is not a JSON Pointer, as /user/email or /items/*/id")
                }
                place = .pointer(tokens)
            } else if name == "body" {
                _ = try node.choice(of: ["unreadable"])
                place = .unreadableBody
            } else {
                guard !text.isEmpty, name == "query" || text.utf8.allSatisfy(isTokenByte) else {
                    throw node.failure("`\(text)` is not the name of a \(name)")
                }
                place = name == "header" ? .header(text.lowercased()) : .query(text)
            }
            let answerDepends = try fields.optional("answer_depends")
            let secret = try fields.optional("at_replay")
            if action == "keep", let node = answerDepends ?? secret {
                throw node.failure("what is kept is there at a replay as it was")
            }
            redactions.append(
                Redaction(
                    place: place, action: action,
                    answerDepends: try answerDepends?.bool() ?? false,
                    secret: try secret.map { (node) throws(AssayError) in
                        try Self.secret(node, place: place, action: action)
                    }))
        }
        return redactions
    }

    /// The name of the variable whose value is put back.
    private static func secret(
        _ node: ConfigurationNode, place: Redaction.Place, action: String
    ) throws(AssayError) -> String {
        let name = try node.mapping(allowing: ["secret"]).member("secret")
        let text = try name.text()
        try name.checkVariable(text)
        switch place {
        case .header: break
        case .query:
            guard action != "drop" else {
                throw node.failure(
                    "nothing says where a query's pair stood that was dropped",
                    hint: "use `as: mask`, and the value takes the mask's place")
            }
        case .pointer, .unreadableBody:
            throw node.failure("only a header or a name of the query can be put back")
        }
        return text
    }

    private static let sourceNames = ["header", "cookie", "pointer"]

    private static func source(_ node: ConfigurationNode?) throws(AssayError) -> Source? {
        guard let node else { return nil }
        return try source(node.mapping(allowing: Set(sourceNames)))
    }

    private static func source(_ fields: ConfigurationNode) throws(AssayError) -> Source {
        let given = try fields.entries().filter { sourceNames.contains($0.key) }
        guard let name = given.first?.key, let node = given.first?.value, given.count == 1 else {
            throw fields.failure("\(fields.name) needs one of `header`, `cookie` and `pointer`")
        }
        let text = try node.text()
        if name == "pointer" {
            guard let tokens = JSONPointer.tokens(text), !tokens.isEmpty else {
                throw node.failure("`\(text)` is not a JSON Pointer, as /flight_id")
            }
            return .pointer(text)
        }
        guard !text.isEmpty, text.utf8.allSatisfy(isTokenByte) else {
            throw node.failure("`\(text)` is not the name of a \(name)")
        }
        return name == "header" ? .header(text.lowercased()) : .cookie(text)
    }

    /// The bytes of a token (RFC 9110, section 5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func routes(_ node: ConfigurationNode?) throws(AssayError) -> [Route] {
        var routes: [Route] = []
        for element in try node?.sequence() ?? [] {
            let fields = try element.mapping(allowing: ["route", "replayable"])
            let routeNode = try fields.member("route")
            let words = try routeNode.text().split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 2, !words[0].isEmpty,
                words[0].utf8.allSatisfy({ (65...90).contains($0) }), words[1].hasPrefix("/")
            else {
                throw routeNode.failure("this is not a route, as \"POST /predict\"")
            }
            let method = String(words[0])
            let route = Route(
                method: method, path: String(words[1]),
                isReplayable: try fields.optional("replayable")?.bool() ?? true)
            guard !routes.contains(where: { $0.name == route.name }) else {
                throw routeNode.failure("\(route.name) is listed twice")
            }
            routes.append(route)
        }
        return routes
    }

    private static func slices(_ node: ConfigurationNode?) throws(AssayError) -> [Slice] {
        var slices: [Slice] = []
        for element in try node?.sequence() ?? [] {
            let fields = try element.mapping(allowing: Set(["name"] + sourceNames))
            let nameNode = try fields.member("name")
            let name = try nameNode.text()
            guard !name.isEmpty else { throw nameNode.failure("the name is empty") }
            guard !slices.contains(where: { $0.name == name }) else {
                throw nameNode.failure("there are two slices called \(name)")
            }
            slices.append(Slice(name: name, source: try source(fields)))
        }
        return slices
    }
}
