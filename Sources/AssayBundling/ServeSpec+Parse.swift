import AssayCore

extension ServeSpec {
    init(_ node: DefinitionNode) throws(AssayError) {
        let fields = try node.fields(["command", "ready", "egress"])
        let commandNode = try fields.required("command")
        command = try Self.command(commandNode)
        let readyNode = try fields.required("ready")
        let ready = try readyNode.fields(["http", "tcp", "line", "timeout"])
        self.ready = try Self.readiness(ready)
        if let timeout = ready["timeout"] {
            timeoutMilliseconds = try timeout.milliseconds()
        } else {
            timeoutMilliseconds = 30_000
        }
        egress = try fields["egress"].map { node throws(AssayError) in try Self.egress(node) } ?? []
    }

    private static func command(_ node: DefinitionNode) throws(AssayError) -> [String] {
        var words: [String] = []
        for element in try node.list() {
            let word = try element.text()
            guard !word.utf8.contains(0) else {
                throw element.fault("a null byte is in the command")
            }
            try checkPlaceholders(word, element)
            words.append(word)
        }
        guard let program = words.first, !program.isEmpty else {
            throw node.fault("the command is empty")
        }
        guard words.contains(where: { $0.contains("{port}") }) else {
            throw node.fault(
                "the command does not say {port}: each arm is served on a port of its own",
                hint:
                    "add it, as in [\"{python}\", \"-m\", \"service.app\", \"--port\", \"{port}\"]")
        }
        if program.hasPrefix("/") {
            throw node.fault(
                "the command starts with the absolute path \(program), which another machine may not have",
                hint: "use {python}, a name found on PATH, or a path inside the bundle")
        }
        return words
    }

    /// Refuses `{pyhton}`; braces around anything but a lower-case word are left alone.
    private static func checkPlaceholders(
        _ word: String, _ node: DefinitionNode
    ) throws(AssayError) {
        var rest = word[...]
        while let open = rest.firstIndex(of: "{") {
            rest = rest[rest.index(after: open)...]
            guard let close = rest.firstIndex(of: "}") else { return }
            let name = String(rest[..<close])
            let isWord =
                !name.isEmpty && name.utf8.allSatisfy { (97...122).contains($0) || $0 == 95 }
            if isWord, !placeholders.contains(name) {
                throw node.fault(unknown: "{\(name)}", among: placeholders.map { "{\($0)}" })
            }
        }
    }

    private static func readiness(
        _ fields: DefinitionNode.Fields
    ) throws(AssayError) -> Readiness {
        let given = ["http", "tcp", "line"].compactMap { fields[$0] }
        guard given.count == 1 else {
            throw fields.node.fault("`ready` needs one of `http`, `tcp` and `line`")
        }
        if let http = fields["http"] {
            let path = try http.text()
            guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                throw http.fault("`\(path)` is not a path to ask for, as /healthz")
            }
            return .http(path: path)
        }
        if let line = fields["line"] {
            let text = try line.text()
            guard !text.isEmpty else { throw line.fault("the text to wait for is empty") }
            return .line(text)
        }
        guard let tcp = fields["tcp"], try tcp.flag() else {
            throw fields.node.fault("`tcp` can only be true")
        }
        return .tcp
    }

    private static func egress(_ node: DefinitionNode) throws(AssayError) -> [Egress] {
        var egress: [Egress] = []
        for element in try node.list() {
            let fields = try element.fields(["name", "variable"])
            let name = try fields.required("name")
            let variable = try fields.required("variable")
            let call = Egress(name: try name.text(), variable: try variable.text())
            try variable.checkVariable(call.variable)
            guard !call.name.isEmpty else { throw name.fault("the name is empty") }
            guard !egress.contains(where: { $0.name == call.name }) else {
                throw name.fault("there are two egresses called \(call.name)")
            }
            guard !egress.contains(where: { $0.variable == call.variable }) else {
                throw variable.fault("\(call.variable) is used by two egresses")
            }
            egress.append(call)
        }
        return egress.sorted { RelativePath.precedes($0.name, $1.name) }
    }
}
