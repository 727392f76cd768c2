import AssayCore
import AssayEnvironment
import AssayGit
import AssaySystem
import SystemPackage

/// What a repository shows of the service in it: enough to write an `assay.yaml` that works, or says
/// line by line what to fill in.
struct RepositoryLook {
    /// Paths of files, relative to the service's directory, sorted.
    let files: [String]
    /// The service's directory.
    let directory: FilePath
    /// The name of the directory.
    let directoryName: String

    /// No more files than this are looked at.
    private static let maximumFiles = 100_000
    private static let modelEndings = [
        ".safetensors", ".gguf", ".onnx", ".txt", ".json", ".ubj", ".pkl", ".joblib", ".pt",
        ".pth", ".bin", ".h5", ".keras", ".cbm", ".npz",
    ]

    /// Looks at the files that git tracks or does not ignore, and at files of models that it does.
    init(_ workspace: Workspace) throws {
        directory = workspace.serviceDirectory
        directoryName =
            FilePath(workspace.servicePath).lastComponent?.string
            ?? workspace.repository.workTree?.lastComponent?.string ?? "service"
        var found: [String] = []
        try Self.collect(directory, "", depth: 0, into: &found)
        files = found.sorted()
    }

    private static func collect(
        _ directory: FilePath, _ prefix: String, depth: Int, into found: inout [String]
    ) throws {
        guard depth < 8, found.count < maximumFiles else { return }
        for name in try FileSystem.names(in: directory) where !name.hasPrefix(".") {
            let skipped = ["node_modules", "__pycache__", "venv", "site-packages", "build", "dist"]
            if skipped.contains(name) { continue }
            let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
            let place = directory.appending(name)
            switch try FileSystem.status(of: place)?.kind {
            case .directory?: try collect(place, path, depth: depth + 1, into: &found)
            case .file?: found.append(path)
            default: break
            }
        }
    }

    private func text(_ path: String) throws -> String {
        let place = directory.appending(path)
        guard let status = try FileSystem.status(of: place), status.size <= 1 << 20 else {
            return ""
        }
        return String(decoding: try FileSystem.read(place), as: UTF8.self)
    }

    private func top(_ path: String) -> String? {
        path.contains("/") ? path.split(separator: "/").first.map(String.init) : nil
    }

    /// A name for the service: the directory's, as names of services are written.
    var name: String? {
        var name = ""
        for character in directoryName.lowercased() {
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            if isPlain { name.append(character) } else if name.last != "-" { name.append("-") }
        }
        while name.last == "-" { name.removeLast() }
        while name.first == "-" { name.removeFirst() }
        return name.isEmpty || name.count > 64 ? nil : name
    }

    /// The module that serves, with the framework that it uses.
    func server() throws -> (module: String, framework: String, variable: String?)? {
        let likely = ["app.py", "main.py", "server.py", "serve.py", "api.py", "wsgi.py", "asgi.py"]
        let modules = files.filter { path in
            path.hasSuffix(".py") && !path.contains("test")
        }.sorted { left, right in
            let rank = { (path: String) in
                likely.firstIndex(of: String(path.split(separator: "/").last ?? "")) ?? likely.count
            }
            return (rank(left), left.count, left) < (rank(right), right.count, right)
        }
        for path in modules.prefix(200) {
            let source = try text(path)
            let module = path.dropLast(3).replacing("/", with: ".")
            for (call, framework) in [
                ("FastAPI(", "uvicorn"), ("Starlette(", "uvicorn"), ("Flask(", "flask"),
            ] {
                guard
                    let line = source.split(separator: "\n").first(where: {
                        $0.contains("= \(call)")
                    })
                else { continue }
                let variable = line.prefix { $0 != "=" && $0 != ":" && $0 != " " }
                if line.first?.isWhitespace == true { continue }
                return (String(module), framework, String(variable))
            }
        }
        for path in modules.prefix(200) {
            let source = try text(path)
            if source.contains("__main__"),
                source.contains("http.server") || source.contains("--port")
            {
                return (String(path.dropLast(3).replacing("/", with: ".")), "module", nil)
            }
        }
        return nil
    }

    /// A path that answers when the service is ready.
    func healthPath() throws -> String? {
        for path in files where path.hasSuffix(".py") && !path.contains("test") {
            let source = try text(path)
            for candidate in ["/healthz", "/health", "/readyz", "/ready", "/ping", "/livez"]
            where source.contains("\"\(candidate)\"") || source.contains("'\(candidate)'") {
                return candidate
            }
        }
        return nil
    }

    /// Files of models: by their endings where those say so, else by the directory they are in.
    var models: [String] {
        files.filter { path in
            let lower = path.lowercased()
            let sure = [
                ".safetensors", ".gguf", ".onnx", ".pt", ".pth", ".joblib", ".pkl", ".cbm",
                ".keras", ".ubj",
            ]
            if sure.contains(where: lower.hasSuffix) { return true }
            let place = path.split(separator: "/").dropLast().map { $0.lowercased() }
            let isModels = place.contains {
                ["model", "models", "weights", "artifacts"].contains($0)
            }
            return isModels && Self.modelEndings.contains(where: lower.hasSuffix)
        }
    }

    /// Locks that an environment can be built from, the surest first, and others that cannot.
    func locks() throws -> (usable: [String], others: [String]) {
        var usable: [String] = []
        var others: [String] = []
        for path in files where LockedPackages.format(ofFile: path) != nil {
            let bytes = Array(try text(path).utf8)
            do throws(AssayError) {
                _ = try InstallableLock(bytes, file: path)
                if bytes.isEmpty { others.append(path) } else { usable.append(path) }
            } catch {
                others.append(path)
            }
        }
        let order = { (path: String) in (path.split(separator: "/").count, path) }
        return (usable.sorted { order($0) < order($1) }, others.sorted { order($0) < order($1) })
    }

    /// The version of Python that the repository asks for.
    func python() throws -> String? {
        if FileSystem.exists(directory.appending(".python-version")) {
            let parts = try text(".python-version").split(separator: ".")
            if parts.count >= 2, let minor = Int(parts[1].prefix { $0.isNumber }), parts[0] == "3" {
                return "3.\(minor)"
            }
        }
        for path in ["Dockerfile", "pyproject.toml"] where files.contains(path) {
            let source = try text(path)
            for mark in ["python:3.", "requires-python = \">=3.", "requires-python = \"==3."] {
                if let place = source.firstRange(of: mark) {
                    let minor = source[place.upperBound...].prefix { $0.isNumber }
                    if !minor.isEmpty { return "3.\(minor)" }
                }
            }
        }
        return nil
    }

    /// Directories of settings.
    var features: [String] {
        let roots = Set(files.compactMap(top))
        return ["config", "conf", "features"].filter(roots.contains)
    }

    /// Directories and files of code, as patterns.
    var code: [String] {
        var patterns: Set<String> = []
        for path in files where path.hasSuffix(".py") {
            guard let first = top(path) else {
                patterns.insert("*.py")
                continue
            }
            if !["test", "tests", "docs", "scripts", "training", "notebooks"].contains(first) {
                patterns.insert("\(first)/**")
            }
        }
        return patterns.sorted()
    }

    /// The command of the Dockerfile, if it is written as words.
    func dockerCommand() throws -> String? {
        guard files.contains("Dockerfile") else { return nil }
        return try text("Dockerfile").split(separator: "\n").last { line in
            line.hasPrefix("CMD [") || line.hasPrefix("ENTRYPOINT [")
        }.map(String.init)
    }
}
