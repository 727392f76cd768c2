import AssayCore
import AssaySystem
import SystemPackage

extension ArmPlan {
    var json: JSONValue {
        .object(present: [
            "role": .string(role.rawValue), "bundle": bundle.map { JSONValue($0) },
            "address": address.map { ["host": .string($0.host), "port": JSONValue($0.port)] },
            "directory": .string(directory.string), "command": JSONValue(command),
            "python": python.map { .string($0.string) },
            "environmentRoot": environmentRoot.map { .string($0.string) },
            "image": image?.json, "variables": JSONValue(variables), "secrets": JSONValue(secrets),
            "ready": ready.json, "readyTimeout": .integer(readyTimeout.nanoseconds),
            "egress": .array(
                egress.map { ["name": .string($0.name), "variable": .string($0.variable)] }),
            "facts": JSONValue(facts),
        ])
    }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: [
            "role", "bundle", "address", "directory", "command", "python", "environmentRoot",
            "image", "variables", "secrets", "ready", "readyTimeout", "egress", "facts",
        ])
        guard let role = Role(rawValue: try reader["role"].string()) else {
            throw reader["role"].mismatch("baseline, repeat, repeat-2 and so on, or candidate")
        }
        var egress: [Egress] = []
        for element in try reader["egress"].elements() {
            try element.allow(only: ["name", "variable"])
            egress.append(
                Egress(
                    name: try element["name"].string(), variable: try element["variable"].string()))
        }
        self.init(
            role: role, bundle: try reader["bundle"].ifPresent?.digest(),
            directory: FilePath(try reader["directory"].string()),
            command: try reader["command"].strings(),
            python: try reader["python"].ifPresent.map(FilePath.init(reading:)),
            environmentRoot: try reader["environmentRoot"].ifPresent.map(FilePath.init(reading:)),
            image: try reader["image"].ifPresent.map(ImageView.init(json:)),
            variables: try reader["variables"].stringMap(),
            secrets: try reader["secrets"].strings(),
            ready: try Readiness(json: reader["ready"]),
            readyTimeout: .nanoseconds(try reader["readyTimeout"].integer()), egress: egress,
            facts: try reader["facts"].stringMap())
        if let place = reader["address"].ifPresent {
            try place.allow(only: ["host", "port"])
            address = ServiceAddress(
                host: try place["host"].string(), port: try place["port"].integer())
        }
    }
}

extension ArmPlan.Readiness {
    var json: JSONValue {
        switch self {
        case .http(let path): ["http": .string(path)]
        case .tcp: ["tcp": true]
        case .line(let text): ["line": .string(text)]
        }
    }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["http", "tcp", "line"])
        if let path = reader["http"].ifPresent {
            self = .http(path: try path.string())
        } else if let text = reader["line"].ifPresent {
            self = .line(try text.string())
        } else if try reader["tcp"].bool() {
            self = .tcp
        } else {
            throw reader.mismatch("one of http, tcp and line")
        }
    }
}

extension ImageView {
    var json: JSONValue { ["root": .string(root.string), "variables": JSONValue(variables)] }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["root", "variables"])
        self.init(
            root: FilePath(try reader["root"].string()),
            variables: try reader["variables"].stringMap())
    }
}

extension FilePath {
    /// The path that stands at a place in a document.
    init(reading reader: JSONReader) throws(AssayError) {
        self.init(try reader.string())
    }
}

extension Duration {
    /// The whole nanoseconds, as far as they fit.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : whole &+ attoseconds / 1_000_000_000
    }
}
