import AssayCore

/// Reads one line of a file of answers.
struct SuppliedCallReader: ~Copyable {
    private let file: String
    private var tape: JSONTape
    private var line = 1

    init(file: String) throws(AssayError) {
        self.file = file
        tape = try JSONTape()
    }

    /// The call of a line. Throws `.invalidDocument` with its place.
    mutating func call(
        _ text: ArraySlice<UInt8>, line: Int
    ) throws(AssayError) -> SuppliedCalls.Call {
        self.line = line
        if let reason = tape.parse(text) { throw fault("the line is no JSON: \(reason)", at: nil) }
        let root = tape.root
        try allow(
            ["name", "request", "response", "startedAfter", "endedAfter"], of: root,
            "a call of a dependency")
        guard let name = tape.text(tape.member("name", of: root)), !name.isEmpty else {
            throw fault(
                "the line names no dependency: `name` is missing or is no text",
                at: tape.member("name", of: root))
        }
        let asked = try request(tape.member("request", of: root), name: name)
        let request = try message(asked.bytes, .request, "request", root)
        let method = request.head.method
        let response = try response(tape.member("response", of: root), method: method)
        _ = try message(response, .response(toMethod: method), "response", root)
        let times = try (
            time("startedAfter", tape.member("startedAfter", of: root)),
            time("endedAfter", tape.member("endedAfter", of: root))
        )
        return SuppliedCalls.Call(
            line: line, name: name, request: request, bodyDigest: asked.bodyDigest,
            response: response, latency: times.1.map { max(0, $0 - (times.0 ?? 0)) })
    }

    private func request(
        _ node: Int?, name: String
    ) throws(AssayError) -> (bytes: [UInt8], bodyDigest: Digest?) {
        if let whole = try whole(node, "request") { return (whole, nil) }
        try allow(["method", "target", "headers", "body", "bodyDigest"], of: node, "a request")
        guard let target = tape.bytes(tape.member("target", of: node)), target.first == 0x2F else {
            throw fault(
                "the request has no `target`, a path with its query as in \"/rates?id=7\"",
                at: tape.member("target", of: node) ?? node)
        }
        var writer = HTTPMessageWriter()
        writer.isDecoded = false
        try addFields(tape.member("headers", of: node), to: &writer)
        let body = try body(tape.member("body", of: node)) ?? []
        writer.body = body
        var digest: Digest?
        if let place = tape.member("bodyDigest", of: node) {
            guard body.isEmpty else {
                throw fault("the request has a `body` and a `bodyDigest`", at: place)
            }
            digest = tape.text(place).flatMap { Digest($0) }
            if digest == nil {
                throw fault(
                    "`bodyDigest` is no digest, as in \"sha256:…\" with 64 digits", at: place)
            }
        }
        let method = tape.member("method", of: node).map { tape.bytes($0) } ?? Array("GET".utf8)
        guard let method else {
            throw fault("the request's `method` is no text", at: tape.member("method", of: node))
        }
        do throws(AssayError) {
            return (
                try writer.request(method: method, target: target, host: Array(name.utf8)), digest
            )
        } catch {
            throw fault("the request cannot be made: \(error.message)", at: node)
        }
    }

    private func response(_ node: Int?, method: String) throws(AssayError) -> [UInt8] {
        if let whole = try whole(node, "response") { return whole }
        try allow(["status", "headers", "body", "json"], of: node, "a response")
        guard let status = tape.integer(tape.member("status", of: node)) else {
            throw fault(
                "the response has no `status`, as in 200",
                at: tape.member("status", of: node) ?? node)
        }
        var writer = HTTPMessageWriter()
        try addFields(tape.member("headers", of: node), to: &writer)
        if let body = try body(tape.member("body", of: node)) { writer.body = body }
        if let place = tape.member("json", of: node) {
            guard tape.member("body", of: node) == nil else {
                throw fault("the response has a `body` and a `json`", at: place)
            }
            // As it stands in the line, so that 1.0 stays 1.0.
            writer.body = tape.raw(place) ?? []
            if writer.value(of: "content-type") == nil {
                writer.add("Content-Type", "application/json")
            }
        }
        do throws(AssayError) {
            let bytes = try writer.response(
                status: status, reason: [], method: Array(method.utf8))
            guard writer.changes.isEmpty else {
                throw AssayError(.unsupported, writer.changes.sorted().joined(separator: ", "))
            }
            return bytes
        } catch {
            throw fault("the response cannot be made: \(error.message)", at: node)
        }
    }

    /// A whole message: text, or bytes in base64. `nil` for an object of parts.
    private func whole(_ node: Int?, _ part: String) throws(AssayError) -> [UInt8]? {
        guard let node else { throw fault("the line has no `\(part)`", at: nil) }
        if let text = tape.bytes(node) { return text }
        guard tape.isObject(node) else {
            throw fault("`\(part)` is neither text nor an object", at: node)
        }
        guard let packed = tape.member("base64", of: node) else { return nil }
        try allow(["base64"], of: node, "bytes")
        return try unpacked(packed)
    }

    private func body(_ node: Int?) throws(AssayError) -> [UInt8]? {
        guard let node else { return nil }
        if let text = tape.bytes(node) { return text }
        guard let packed = tape.member("base64", of: node) else {
            throw fault("a `body` is text, or {\"base64\": …}", at: node)
        }
        try allow(["base64"], of: node, "bytes")
        return try unpacked(packed)
    }

    private func unpacked(_ node: Int) throws(AssayError) -> [UInt8] {
        guard let packed = tape.bytes(node), let bytes = Base64.decoded(packed) else {
            throw fault("`base64` is no base64", at: node)
        }
        return bytes
    }

    private func addFields(
        _ node: Int?, to writer: inout HTTPMessageWriter
    ) throws(AssayError) {
        guard let node else { return }
        guard tape.isObject(node) else { throw fault("`headers` is no object", at: node) }
        for (name, value) in tape.members(of: node) {
            guard let text = tape.text(value) else {
                throw fault("the header \(name) is no text", at: value)
            }
            writer.add(name, text)
        }
    }

    private func time(_ name: String, _ node: Int?) throws(AssayError) -> Int64? {
        guard let node else { return nil }
        guard let number = tape.integer(node), (0...Int(1) << 55).contains(number) else {
            throw fault("`\(name)` is no count of nanoseconds", at: node)
        }
        return Int64(number)
    }

    private func message(
        _ bytes: [UInt8], _ role: HTTPFramer.Role, _ part: String, _ node: Int
    ) throws(AssayError) -> HTTPMessage {
        do throws(AssayError) {
            return try HTTPMessage(bytes, role: role)
        } catch {
            throw fault("the \(part) is no whole HTTP/1.1: \(error.message)", at: nil)
        }
    }

    private func allow(
        _ known: [String], of node: Int?, _ what: String
    ) throws(AssayError) {
        guard let node, tape.isObject(node) else {
            throw fault("\(what) is an object, as in {\"\(known[0])\": …}", at: node)
        }
        for (name, value) in tape.members(of: node) where !known.contains(name) {
            let meant = Suggestion.nearest(to: name, among: known)
            throw fault(
                "\(what) has no `\(name)`" + (meant.map { "; did you mean `\($0)`?" } ?? ""),
                at: value)
        }
    }

    private func fault(_ sentence: String, at node: Int?) -> AssayError {
        AssayError(
            .invalidDocument, sentence,
            hint:
                #"write {"name": "rates", "request": {"target": "/rates?id=7"}, "response": {"status": 200, "json": {}}}"#,
            at: SourceLocation(
                file: file, line: line,
                column: node.map { tape.range(of: $0).lowerBound + 1 } ?? 1))
    }
}
