import AssayBundling
import AssayCapture
import AssayCore
import AssaySystem
import SystemPackage

/// The rules of `capture` in `assay.yaml`, as the capture format takes them.
enum CaptureRules {
    /// The rules of a workspace's service.
    static func of(_ workspace: Workspace) throws -> ExchangeRules {
        let settings = try workspace.definition().capture
        return ExchangeRules(
            session: settings.session.map(source), trace: settings.trace.map(source),
            key: settings.key.map(source),
            routes: routes(settings),
            slices: settings.slices.map { ($0.name, source($0.source)) })
    }

    /// The routes of a service, in their order.
    static func routes(_ settings: CaptureSettings) -> [ExchangeRules.Route] {
        settings.routes.map { .init(pattern($0.name), isReplayable: $0.isReplayable) }
    }

    /// What redacts exchanges of a workspace's service, by its rules and those that always hold.
    static func redactor(of workspace: Workspace) throws -> Redactor {
        Redactor(
            redaction(try workspace.definition().capture), key: try redactionKey(of: workspace))
    }

    /// The rules of a service, and those that always hold.
    static func redaction(_ settings: CaptureSettings) -> RedactionRules {
        var rules: [RedactionRules.Rule] = []
        for redaction in settings.redactions {
            // The names of the actions are those that the settings were held against.
            guard let action = RedactionRules.Action(rawValue: redaction.action) else { continue }
            let place: RedactionRules.Place =
                switch redaction.place {
                case .header(let name): .header(name)
                case .query(let name): .query(name)
                case .pointer(let tokens): .pointer(tokens)
                case .unreadableBody: .unreadableBody
                }
            rules.append(
                .init(
                    place, action, answerDepends: redaction.answerDepends,
                    secret: redaction.secret))
        }
        return RedactionRules(rules)
    }

    /// The labels in a file by what names their exchanges; a key that is redacted in the exchanges is
    /// redacted here too, so that they still join.
    static func labels(
        _ file: String?, rules: ExchangeRules, redactor: Redactor
    ) throws -> [String: String] {
        guard let file else { return [:] }
        let path = FilePath(file)
        var labels = try LabelFile.parse(try FileSystem.read(path, limit: 1 << 30), file: file)
        if let source = rules.key, redactor.rules.redacts(source) {
            for (key, label) in labels { labels[redactor.pseudonym(key.utf8)] = label }
        }
        return labels
    }

    /// The key of pseudonyms: `ASSAY_REDACTION_KEY`, or a file that is made once and stays on this
    /// machine.
    static func redactionKey(of workspace: Workspace) throws -> [UInt8] {
        if let text = ProcessEnvironment.current["ASSAY_REDACTION_KEY"], !text.isEmpty {
            guard text.utf8.count >= 16 else {
                throw AssayError(
                    .usage,
                    "ASSAY_REDACTION_KEY has \(text.utf8.count) characters, too few to be a key",
                    hint: "make one with `openssl rand -hex 32`")
            }
            return Array(text.utf8)
        }
        try workspace.makePrivateDirectory()
        let path = workspace.privateDirectory.appending("redaction.key")
        if FileSystem.exists(path) {
            let key = try FileSystem.read(path, limit: 4096)
            guard key.count >= 16 else {
                throw AssayError(
                    .damaged, "the key of pseudonyms in \(path) is cut short",
                    hint: "put it back from a copy; a new one gives other names to equal values")
            }
            return key
        }
        var generator = SystemRandomNumberGenerator()
        let key = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try FileSystem.replace(path, with: key, mode: 0o600)
        return key
    }

    /// A route with `*` for every `{name}` in it.
    private static func pattern(_ route: String) -> String {
        route.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("{") && $0.hasSuffix("}") ? "*" : String($0) }
            .joined(separator: "/")
    }

    private static func source(_ source: CaptureSettings.Source) -> ExchangeRules.Source {
        switch source {
        case .header(let name): .header(name)
        case .cookie(let name): .cookie(name)
        case .pointer(let pointer): .pointer(pointer)
        }
    }
}
