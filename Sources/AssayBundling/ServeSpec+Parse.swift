import AssayConfiguration
import AssayCore

extension ServeSpec {
    init(_ node: ConfigurationNode) throws(AssayError) {
        let fields = try node.mapping(allowing: ["command", "ready", "egress"])
        let commandNode = try fields.member("command")
        command = try Self.command(commandNode)
        let readyNode = try fields.member("ready")
        let ready = try readyNode.mapping(allowing: ["http", "tcp", "line", "timeout"])
        self.ready = try Self.readiness(ready)
        if let timeout = try ready.optional("timeout") {
            timeoutMilliseconds = try timeout.milliseconds()
        } else {
            timeoutMilliseconds = 30_000
        }
        egress = try Self.egress(fields.optional("egress"))
    }

    private static func command(_ node: ConfigurationNode) throws(AssayError) -> [String] {
        var words: [String] = []
        for element in try node.sequence() {
            let word = try element.text()
            guard !word.utf8.contains(0) else {
                throw element.failure("a null byte is in the command")
            }
            try checkPlaceholders(word, element)
            words.append(word)
        }
        guard let program = words.first, !program.isEmpty else {
            throw node.failure("the command is empty")
        }
        guard words.contains(where: { $0.contains("{port}") }) else {
            throw node.failure(
                "the command does not say {port}: each arm is served on a port of its own",
                hint:
                    "add it, as in [\"{python}\", \"-m\", \"service.app\", \"--port\", \"{port}\"]")
        }
        if program.hasPrefix("/") {
            throw node.failure(
                "the command starts with the absolute path \(program), which another machine may not have",
                hint: "use {python}, a name found on PATH, or a path inside the bundle")
        }
        return words
    }

    /// Refuses `{pyhton}`; braces around anything but a lower-case word are left alone.
    private static func checkPlaceholders(
        _ word: String, _ node: ConfigurationNode
    ) throws(AssayError) {
        var rest = word[...]
        while let open = rest.firstIndex(of: "{") {
            rest = rest[rest.index(after: open)...]
            guard let close = rest.firstIndex(of: "}") else { return }
            let name = String(rest[..<close])
            let isWord =
                !name.isEmpty && name.utf8.allSatisfy { (97...122).contains($0) || $0 == 95 }
            if isWord, !placeholders.contains(name) {
                throw node.failure(unknown: "{\(name)}", among: placeholders.map { "{\($0)}" })
            }
        }
    }

    private static func readiness(
        _ fields: ConfigurationNode
    ) throws(AssayError) -> Readiness {
        let given = try fields.entries().filter { $0.key != "timeout" }
        guard given.count == 1 else {
            throw fields.failure("`ready` needs one of `http`, `tcp` and `line`")
        }
        if let http = try fields.optional("http") {
            let path = try http.text()
            guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                throw http.failure("`\(path)` is not a path to ask for, as /healthz")
            }
            return .http(path: path)
        }
        if let line = try fields.optional("line") {
            let text = try line.text()
            guard !text.isEmpty else { throw line.failure("the text to wait for is empty") }
            return .line(text)
        }
        guard let tcp = try fields.optional("tcp"), try tcp.bool() else {
            throw fields.failure("`tcp` can only be true")
        }
        return .tcp
    }

    private static func egress(_ node: ConfigurationNode?) throws(AssayError) -> [Egress] {
        var egress: [Egress] = []
        for element in try node?.sequence() ?? [] {
            let fields = try element.mapping(allowing: ["name", "variable"])
            let name = try fields.member("name")
            let variable = try fields.member("variable")
            let call = Egress(name: try name.text(), variable: try variable.text())
            try variable.checkVariable(call.variable)
            guard !call.name.isEmpty else { throw name.failure("the name is empty") }
            guard !egress.contains(where: { $0.name == call.name }) else {
                throw name.failure("there are two egresses called \(call.name)")
            }
            guard !egress.contains(where: { $0.variable == call.variable }) else {
                throw variable.failure("\(call.variable) is used by two egresses")
            }
            egress.append(call)
        }
        return egress.sorted { RelativePath.precedes($0.name, $1.name) }
    }
}
