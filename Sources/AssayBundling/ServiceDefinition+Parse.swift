import AssayConfiguration
public import AssayCore
import AssayEnvironment
import AssayStore

extension ServiceDefinition {
    /// Reads `assay.yaml`, strictly: what is unknown is refused, with a suggestion.
    ///
    /// `file` names the document in errors, which carry line and column. Nothing on disk is looked
    /// at. Costs one pass.
    public static func parse(_ bytes: [UInt8], file: String) throws(AssayError) -> ServiceDefinition
    {
        let root = try ConfigurationDocument.parse(bytes, file: file).mapping(allowing: [
            "schema", "name", "code", "data", "features", "weights", "environment", "serve",
            "capture",
        ])
        let schema = try root.member("schema")
        guard try schema.text() == Self.schema else {
            throw schema.failure("the schema is not \(Self.schema), which this version reads")
        }
        let definition = ServiceDefinition(
            name: try serviceName(root.member("name")),
            code: try CodeSelection(root.member("code")),
            data: try items(
                root.optional("data"), kinds: ["table", "file", "directory", "archive"]),
            features: try paths(root.optional("features")),
            weights: try items(root.optional("weights"), kinds: nil),
            environment: try Environment(root.member("environment")),
            serve: try ServeSpec(root.member("serve")),
            capture: try root.optional("capture").map(CaptureSettings.init) ?? .none)
        try definition.checkPathsApart(root)
        return definition
    }

    /// A name that can stand in refs, file names and image names alike.
    private static func serviceName(_ node: ConfigurationNode) throws(AssayError) -> String {
        let name = try node.text()
        let bytes = Array(name.utf8)
        func isPlain(_ byte: UInt8) -> Bool {
            (97...122).contains(byte) || (48...57).contains(byte)
        }
        guard let first = bytes.first, let last = bytes.last, isPlain(first), isPlain(last),
            bytes.count <= 64, bytes.allSatisfy({ isPlain($0) || $0 == 45 }), !name.contains("--")
        else {
            throw node.failure(
                "`\(name)` is not a service's name: lower-case letters, digits and single `-`, at most 64"
            )
        }
        return name
    }

    private static func paths(_ node: ConfigurationNode?) throws(AssayError) -> [String] {
        guard let node else { return [] }
        var paths: [String] = []
        for element in try node.sequence() {
            let path = try element.path()
            guard !paths.contains(path) else { throw element.failure("\(path) is listed twice") }
            paths.append(path)
        }
        return paths.sorted(by: RelativePath.precedes)
    }

    private static func items(
        _ node: ConfigurationNode?, kinds: [String]?
    ) throws(AssayError) -> [Item] {
        guard let node else { return [] }
        var items: [Item] = []
        for element in try node.sequence() {
            let fields = try element.mapping(allowing: [
                "name", "path", "uri", "digest", "kind", "fine", "include", "exclude",
            ])
            let nameNode = try fields.member("name")
            let name = try nameNode.text()
            guard !name.isEmpty else { throw nameNode.failure("the name is empty") }
            guard !items.contains(where: { $0.name == name }) else {
                throw nameNode.failure("there are two items called \(name)")
            }
            let kind = try fields.optional("kind").map { node throws(AssayError) -> String in
                guard let kinds else { return try node.text() }
                return try node.choice(of: kinds)
            }
            let source = try source(fields)
            var grain = SegmentGrain.standard
            if let node = try fields.optional("fine") {
                guard case .path = source else {
                    throw node.failure(
                        "`fine` says how an item is stored, and this one is kept elsewhere")
                }
                grain = try node.bool() ? .fine : .standard
            }
            items.append(
                Item(
                    name: name, kind: kind, grain: grain, source: source,
                    selection: try ItemSelection(fields)))
        }
        return items.sorted { RelativePath.precedes($0.name, $1.name) }
    }

    private static func source(_ fields: ConfigurationNode) throws(AssayError) -> Item.Source {
        if let path = try fields.optional("path") {
            for name in ["uri", "digest"] {
                guard let other = try fields.optional(name) else { continue }
                throw other.failure("an item has either `path`, or `uri` and `digest`")
            }
            return .path(try path.path())
        }
        guard let uriNode = try fields.optional("uri") else {
            throw fields.failure("`path` is missing")
        }
        let uri = try uriNode.text()
        guard !uri.isEmpty else { throw uriNode.failure("the uri is empty") }
        guard let digestNode = try fields.optional("digest") else {
            throw uriNode.failure("an item that is kept elsewhere needs its `digest`")
        }
        guard let digest = Digest(try digestNode.text()) else {
            throw digestNode.failure("this is not a digest, as sha256: and 64 hexadecimal digits")
        }
        return .reference(uri: uri, digest: digest)
    }

    /// No two components may claim the same file, or a change would have two names.
    private func checkPathsApart(_ root: ConfigurationNode) throws(AssayError) {
        var claims = (data + weights).compactMap { item in item.bundlePath.map { (item.name, $0) } }
        claims += features.map { ("features", $0) }
        if let lock = environment.lock { claims.append(("the lock", lock)) }
        for (index, claim) in claims.enumerated() {
            if Self.controlFiles.contains(claim.1) {
                throw root.failure("\(claim.0) names \(claim.1), which is a file of Assay's own")
            }
            for other in claims[..<index]
            where RelativePath.isWithin(claim.1, other.1) || RelativePath.isWithin(other.1, claim.1)
            {
                throw root.failure("\(other.0) (\(other.1)) and \(claim.0) (\(claim.1)) overlap")
            }
        }
    }
}

extension ServiceDefinition.CodeSelection {
    init(_ node: ConfigurationNode) throws(AssayError) {
        let fields = try node.mapping(allowing: ["include", "exclude"])
        let included = try fields.member("include")
        include = try Self.globs(included)
        exclude = try Self.globs(fields.optional("exclude"))
        guard !include.isEmpty else {
            throw included.failure("no pattern is listed, so no code either")
        }
    }

    private static func globs(_ node: ConfigurationNode?) throws(AssayError) -> [Glob] {
        var globs: [Glob] = []
        for element in try node?.sequence() ?? [] { globs.append(Glob(try element.path())) }
        return globs
    }
}

extension ServiceDefinition.Environment {
    init(_ node: ConfigurationNode) throws(AssayError) {
        let fields = try node.mapping(allowing: [
            "kind", "python", "lock", "image", "variables", "secrets",
        ])
        let kindNode = try fields.member("kind")
        let kindName = try kindNode.choice(of: EnvironmentSpec.Kind.allCases.map(\.rawValue))
        guard let kind = EnvironmentSpec.Kind(rawValue: kindName) else {
            throw kindNode.failure("`\(kindName)` is not a kind of environment")
        }
        func needed(_ name: String, by kinds: [EnvironmentSpec.Kind]) throws(AssayError) {
            if let node = try fields.optional(name), !kinds.contains(kind) {
                throw node.failure("an environment of kind \(kind.rawValue) has no `\(name)`")
            }
        }
        try needed("lock", by: [.venv])
        try needed("image", by: [.image])
        try needed("python", by: [.venv, .host])
        var python: PythonVersion?
        if let pythonNode = try kind == .venv ? fields.member("python") : fields.optional("python")
        {
            python = PythonVersion(try pythonNode.text())
            guard python != nil else {
                throw pythonNode.failure("this is not a version of Python 3, as \"3.11\"")
            }
        }
        var image: String?
        if kind == .image {
            let imageNode = try fields.member("image")
            let name = try imageNode.text()
            guard EnvironmentSpec.isImage(name) else {
                throw imageNode.failure("an image is named with its digest, as name@sha256:…")
            }
            image = name
        }
        self.kind = kind
        self.python = python
        lock = kind == .venv ? try fields.member("lock").path() : nil
        self.image = image
        variables = try Self.variables(fields.optional("variables"))
        secrets = try Self.secrets(fields.optional("secrets"), variables: variables)
    }

    private static func variables(_ node: ConfigurationNode?) throws(AssayError) -> [String: String]
    {
        var variables: [String: String] = [:]
        for entry in try node?.entries() ?? [] {
            try entry.value.checkVariable(entry.key)
            let text = try entry.value.text()
            guard !text.utf8.contains(0) else {
                throw entry.value.failure("\(entry.key) has a null byte in it")
            }
            variables[entry.key] = text
        }
        return variables
    }

    private static func secrets(
        _ node: ConfigurationNode?, variables: [String: String]
    ) throws(AssayError) -> [String] {
        guard let node else { return [] }
        var secrets: [String] = []
        for element in try node.sequence() {
            let name = try element.text()
            try element.checkVariable(name)
            guard variables[name] == nil else {
                throw element.failure("\(name) is a variable as well; a secret has no value here")
            }
            guard !secrets.contains(name) else { throw element.failure("\(name) is listed twice") }
            secrets.append(name)
        }
        return secrets.sorted()
    }
}
