import AssayCore

/// Writes a first `assay.yaml` from what a repository shows.
struct ServiceDraft {
    /// The document.
    let text: String
    /// What a person has to fill in, a line each.
    let gaps: [String]

    init(_ look: RepositoryLook) throws {
        var gaps: [String] = []
        var lines = ["# What decides this service's answers."]
        func add(_ line: String, fillIn: String? = nil) {
            guard let fillIn else { return lines.append(line) }
            gaps.append(fillIn)
            lines.append("\(line.padding(to: 60))  # fill in: \(fillIn)")
        }
        add("schema: assay/service/v1")
        let name = look.name
        add("name: \(name ?? "my-service")", fillIn: name == nil ? "letters, digits and -" : nil)
        let features = look.features
        let code = look.code
        add(
            "code: {include: [\(Self.list(code.isEmpty ? ["service/**"] : code))]}",
            fillIn: code.isEmpty ? "the service's code; no Python was found" : nil)
        if !features.isEmpty { add("features: [\(features.joined(separator: ", "))]") }
        let models = look.models
        if models.isEmpty {
            add(
                "# weights: [{name: model, path: model/model.bin}]",
                fillIn:
                    "the model's files, if there are any; pin those that git does not hold with `assay track`"
            )
        } else {
            add("weights:")
            for (name, path) in Self.named(models) {
                add("  - {name: \(name), path: \(Self.word(path))}")
            }
        }
        add("environment:")
        let (usable, others) = try look.locks()
        if let lock = usable.first {
            let python = try look.python()
            add("  kind: venv")
            add(
                "  python: \"\(python ?? "3.11")\"",
                fillIn: python == nil ? "the version that production runs" : nil)
            add("  lock: \(Self.word(lock))")
        } else {
            let from = others.first ?? "requirements.in"
            add(
                "  kind: host",
                fillIn:
                    "`kind: venv` with `python` and `lock`, once there is a lock: uv pip compile --generate-hashes \(from) -o requirements.lock"
            )
        }
        add("  variables: {TZ: UTC, PYTHONHASHSEED: \"0\"}")
        try Self.serve(look, add)
        text = lines.joined(separator: "\n") + "\n"
        self.gaps = gaps
    }

    private static func serve(
        _ look: RepositoryLook, _ add: (String, String?) -> Void
    ) throws {
        add("serve:", nil)
        let command: [String]
        let server = try look.server()
        switch server?.framework {
        case "uvicorn"?:
            command = [
                "{python}", "-m", "uvicorn", "\(server?.module ?? ""):\(server?.variable ?? "app")",
                "--port", "{port}",
            ]
        case "flask"?:
            command = [
                "{python}", "-m", "flask", "--app",
                "\(server?.module ?? ""):\(server?.variable ?? "app")",
                "run", "--port", "{port}",
            ]
        default: command = ["{python}", "-m", server?.module ?? "service.app", "--port", "{port}"]
        }
        let docker = try look.dockerCommand()
        add(
            "  command: [\(list(command))]",
            server == nil
                ? "how it is started\(docker.map { "; the Dockerfile has \($0)" } ?? "")" : nil)
        if let path = try look.healthPath() {
            add("  ready: {http: \(path), timeout: 30s}", nil)
        } else {
            add(
                "  ready: {tcp: true, timeout: 30s}",
                "a path that answers when it is ready, as {http: /healthz}")
        }
    }

    private static func list(_ words: [String]) -> String {
        words.map { "\"\($0)\"" }.joined(separator: ", ")
    }

    /// Models with a name each: that of the file, with a number where it is taken.
    private static func named(_ paths: [String]) -> [(name: String, path: String)] {
        var taken: Set<String> = []
        return paths.map { path in
            let file = path.split(separator: "/").last ?? ""
            let base = String(file.prefix { $0 != "." })
            var name = base
            var number = 2
            while !taken.insert(name).inserted {
                name = "\(base)-\(number)"
                number += 1
            }
            return (word(name), path)
        }
    }

    /// A text that YAML reads as one.
    private static func word(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122: true
            default: "-_./".utf8.contains(byte)
            }
        }
        return isPlain && text.first?.isLetter == true ? text : "\"\(text)\""
    }
}
