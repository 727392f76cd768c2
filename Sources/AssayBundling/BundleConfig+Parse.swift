public import AssayCore
import AssayEnvironment

extension BundleConfig {
    /// Reads a config blob. Unknown members are refused, since they could decide answers.
    public static func parse(_ bytes: [UInt8], document: String) throws(AssayError) -> BundleConfig
    {
        let root = JSONReader(try JSONParser.parse(bytes, file: document), document: document)
        let schema = try root["schema"].string()
        guard schema == Self.schema else {
            throw AssayError(
                .unsupported,
                "\(document) is of schema \(schema), this version reads \(Self.schema)",
                hint: "use a newer assay")
        }
        try root.allow(only: ["schema", "service", "components"])
        let components = root["components"]
        try components.allow(only: Set(componentNames))
        let features = components["features"]
        try features.allow(only: ["paths", "tree"])
        var paths: [String] = []
        for element in try features["paths"].elements() { paths.append(try element.path()) }
        return BundleConfig(
            service: try root["service"].string(), code: try components["code"]["tree"].digest(),
            data: try items(components["data"]),
            features: Features(paths: paths, tree: try features["tree"].digest()),
            weights: try items(components["weights"]),
            environment: try EnvironmentSection(components["environment"]),
            serve: try ServeSpec(components["serve"]))
    }

    private static func items(_ reader: JSONReader) throws(AssayError) -> [BundleItem] {
        var items: [BundleItem] = []
        for element in try reader.elements() { items.append(try BundleItem(element)) }
        return items
    }
}

extension BundleConfig.EnvironmentSection {
    var json: JSONValue {
        .object(present: [
            "kind": .string(kind.rawValue), "python": python.map { .string($0.description) },
            "lock": lock.map { ["path": .string($0.path), "digest": JSONValue($0.digest)] },
            "image": image.map(JSONValue.string), "variables": JSONValue(variables),
            "secrets": JSONValue(secrets),
        ])
    }

    init(_ reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["kind", "python", "lock", "image", "variables", "secrets"])
        guard let kind = EnvironmentSpec.Kind(rawValue: try reader["kind"].string()) else {
            throw reader["kind"].mismatch("one of venv, host and image")
        }
        self.kind = kind
        if let text = try reader["python"].ifPresent?.string() {
            guard let version = PythonVersion(text) else {
                throw reader["python"].mismatch("a version of Python")
            }
            python = version
        } else {
            python = nil
        }
        if let lock = reader["lock"].ifPresent {
            self.lock = Lock(path: try lock.path("path"), digest: try lock["digest"].digest())
        } else {
            lock = nil
        }
        image = try reader["image"].ifPresent?.string()
        guard image.map(EnvironmentSpec.isImage) != false else {
            throw reader["image"].mismatch("an image with its digest, as name@sha256:…")
        }
        variables = try reader["variables"].stringMap()
        secrets = try reader["secrets"].strings()
    }
}
