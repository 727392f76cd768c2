import AssayCore

/// How a service is started, and when it is ready.
public struct ServeSpec: Hashable, Sendable {
    /// The program and its arguments, with `{python}` and `{port}` in them.
    public let command: [String]
    /// How to tell that it is ready.
    public let ready: Readiness
    /// How long it may take to get ready, in milliseconds.
    public let timeoutMilliseconds: Int
    /// What it calls.
    public let egress: [Egress]

    /// How long it may take to get ready.
    public var timeout: Duration { .milliseconds(timeoutMilliseconds) }

    /// How to tell that a service is ready.
    public enum Readiness: Hashable, Sendable {
        /// It answers this path with a status of 200 to 299.
        case http(path: String)
        /// It accepts connections.
        case tcp
        /// It writes a line with this text in it.
        case line(String)
    }

    /// A service that this one calls.
    public struct Egress: Hashable, Sendable {
        /// Its name in captures.
        public let name: String
        /// The variable that holds its URL.
        public let variable: String
    }

    /// The placeholders a command may have.
    public static let placeholders = ["python", "port"]

    var json: JSONValue {
        let readiness: JSONValue =
            switch ready {
            case .http(let path): ["http": .string(path)]
            case .tcp: ["tcp": true]
            case .line(let text): ["line": .string(text)]
            }
        return [
            "command": JSONValue(command), "ready": readiness,
            "timeout_ms": JSONValue(timeoutMilliseconds),
            "egress": .array(
                egress.map { ["name": .string($0.name), "variable": .string($0.variable)] }),
        ]
    }

    init(_ reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["command", "ready", "timeout_ms", "egress"])
        command = try reader["command"].strings()
        timeoutMilliseconds = try reader["timeout_ms"].integer()
        let readiness = reader["ready"]
        if let path = readiness["http"].ifPresent {
            ready = .http(path: try path.string())
        } else if let text = readiness["line"].ifPresent {
            ready = .line(try text.string())
        } else if readiness["tcp"].value == true {
            ready = .tcp
        } else {
            throw readiness.mismatch("one of http, tcp and line")
        }
        var egress: [Egress] = []
        for element in try reader["egress"].elements() {
            egress.append(
                Egress(
                    name: try element["name"].string(), variable: try element["variable"].string()))
        }
        self.egress = egress
    }
}
