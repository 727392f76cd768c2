import AssayCore

extension CaptureSettings {
    init(_ node: DefinitionNode) throws(AssayError) {
        let fields = try node.fields(["session", "trace", "key", "routes", "slices", "redact"])
        session = try Self.source(fields["session"])
        trace = try Self.source(fields["trace"])
        key = try Self.source(fields["key"])
        routes = try fields["routes"].map { node throws(AssayError) in try Self.routes(node) } ?? []
        slices = try fields["slices"].map { node throws(AssayError) in try Self.slices(node) } ?? []
        redactions =
            try fields["redact"].map { node throws(AssayError) in try Self.redactions(node) } ?? []
    }

    private static let redactionActions = ["drop", "mask", "pseudonym", "keep"]

    private static func redactions(_ node: DefinitionNode) throws(AssayError) -> [Redaction] {
        let names = ["header", "query", "pointer"]
        var redactions: [Redaction] = []
        for element in try node.list() {
            let fields = try element.fields(names + ["as"])
            let given = names.compactMap { name in fields[name].map { (name, $0) } }
            guard let (name, node) = given.first, given.count == 1 else {
                throw element.fault("needs one of `header`, `query` and `pointer`")
            }
            let text = try node.text()
            let action = try fields["as"]?.text() ?? "mask"
            guard redactionActions.contains(action) else {
                throw (fields["as"] ?? node).fault(unknown: action, among: redactionActions)
            }
            let place: Redaction.Place
            if name == "pointer" {
                guard let tokens = JSONPointer.tokens(text), !tokens.isEmpty else {
                    throw node.fault(
                        "`\(text)` is not a JSON Pointer, as /user/email or /items/*/id")
                }
                place = .pointer(tokens)
            } else {
                guard !text.isEmpty, name == "query" || text.utf8.allSatisfy(isTokenByte) else {
                    throw node.fault("`\(text)` is not the name of a \(name)")
                }
                place = name == "header" ? .header(text.lowercased()) : .query(text)
            }
            redactions.append(Redaction(place: place, action: action))
        }
        return redactions
    }

    private static let sourceNames = ["header", "cookie", "pointer"]

    private static func source(_ node: DefinitionNode?) throws(AssayError) -> Source? {
        guard let node else { return nil }
        return try source(node.fields(sourceNames))
    }

    private static func source(_ fields: DefinitionNode.Fields) throws(AssayError) -> Source {
        let given = sourceNames.compactMap { name in fields[name].map { (name, $0) } }
        guard let (name, node) = given.first, given.count == 1 else {
            throw fields.node.fault("needs one of `header`, `cookie` and `pointer`")
        }
        let text = try node.text()
        if name == "pointer" {
            guard let tokens = JSONPointer.tokens(text), !tokens.isEmpty else {
                throw node.fault("`\(text)` is not a JSON Pointer, as /flight_id")
            }
            return .pointer(text)
        }
        guard !text.isEmpty, text.utf8.allSatisfy(isTokenByte) else {
            throw node.fault("`\(text)` is not the name of a \(name)")
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

    private static func routes(_ node: DefinitionNode) throws(AssayError) -> [Route] {
        var routes: [Route] = []
        for element in try node.list() {
            let fields = try element.fields(["route", "replayable"])
            let routeNode = try fields.required("route")
            let words = try routeNode.text().split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 2, !words[0].isEmpty,
                words[0].utf8.allSatisfy({ (65...90).contains($0) }), words[1].hasPrefix("/")
            else {
                throw routeNode.fault("this is not a route, as \"POST /predict\"")
            }
            let method = String(words[0])
            let route = Route(
                method: method, path: String(words[1]),
                isReplayable: try fields["replayable"]?.flag() ?? true)
            guard !routes.contains(where: { $0.name == route.name }) else {
                throw routeNode.fault("\(route.name) is listed twice")
            }
            routes.append(route)
        }
        return routes
    }

    private static func slices(_ node: DefinitionNode) throws(AssayError) -> [Slice] {
        var slices: [Slice] = []
        for element in try node.list() {
            let fields = try element.fields(["name"] + sourceNames)
            let nameNode = try fields.required("name")
            let name = try nameNode.text()
            guard !name.isEmpty else { throw nameNode.fault("the name is empty") }
            guard !slices.contains(where: { $0.name == name }) else {
                throw nameNode.fault("there are two slices called \(name)")
            }
            slices.append(Slice(name: name, source: try source(fields)))
        }
        return slices
    }
}
