import AssayCore

/// What is taken out of exchanges before they are kept, and how: `capture.redact` of `assay.yaml`.
public struct RedactionRules: Hashable, Sendable {
    /// What becomes of a value.
    public enum Action: String, CaseIterable, Hashable, Sendable {
        /// It is taken out with its name.
        case drop
        /// It is replaced by the same word for all.
        case mask
        /// It is replaced by a name that only the holder of the key can make, equal for equal values.
        case pseudonym
        /// It stays; for a place that a default would redact.
        case keep
    }

    /// Where a value is.
    public enum Place: Hashable, Sendable {
        /// A header field of requests and responses, in lower case.
        case header(String)
        /// A name in the query of the target, or in a form.
        case query(String)
        /// A place in the JSON bodies of requests and responses; `*` stands for any one name or index.
        case pointer([String])
        /// A body that may hold what another rule names, and cannot be read.
        case unreadableBody
    }

    /// One rule.
    public struct Rule: Hashable, Sendable {
        /// Where, and what to do there.
        public let place: Place, action: Action
        /// Whether answers depend on what is taken, so that without it they are not production's.
        public let answerDepends: Bool
        /// The variable of the environment whose value a replay puts back.
        public let secret: String?

        /// Makes a rule.
        public init(
            _ place: Place, _ action: Action, answerDepends: Bool = false, secret: String? = nil
        ) {
            self.place = place
            self.action = action
            self.answerDepends = answerDepends
            self.secret = secret
        }
    }

    /// The rules in order; of several for one place the first counts.
    public let rules: [Rule]

    /// Makes rules of a service's own, before those that always hold.
    public init(_ own: [Rule] = []) {
        rules = own + Self.defaults
    }

    /// Rules without the defaults.
    public init(only rules: [Rule]) {
        self.rules = rules
    }

    /// What holds unless a rule says otherwise: credentials are dropped.
    public static let defaults: [Rule] =
        [
            "authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key",
            "apikey", "x-auth-token", "x-access-token", "x-amz-security-token", "x-csrf-token",
            "x-goog-api-key", "x-goog-iam-authorization-token", "x-vault-token",
            "x-gitlab-token", "x-session-token", "x-forwarded-access-token",
            "x-amzn-oidc-data", "x-amzn-oidc-accesstoken", "x-ms-token-aad-access-token",
        ].map { Rule(.header($0), .drop) }
        + [
            "access_token", "refresh_token", "id_token", "token", "api_key", "apikey", "api-key",
            "client_secret", "password", "passwd", "secret", "sig", "signature",
            "x-amz-signature", "x-amz-credential", "x-amz-security-token", "x-goog-signature",
            "x-goog-credential",
        ].map { Rule(.query($0), .mask) }

    /// What to do with a header field; `nil` for nothing.
    func action(header name: some Sequence<UInt8>) -> Action? {
        for rule in rules {
            if case .header(let wanted) = rule.place, HTTPHead.isEqual(name, wanted.utf8) {
                return rule.action == .keep ? nil : rule.action
            }
        }
        return nil
    }

    /// What to do with a name of a query.
    func action(query name: String) -> Action? {
        let name = name.lowercased()
        for rule in rules {
            if case .query(let wanted) = rule.place, wanted.lowercased() == name {
                return rule.action == .keep ? nil : rule.action
            }
        }
        return nil
    }

    /// The pointers and what to do at them.
    var pointers: [(tokens: [String], action: Action)] {
        rules.compactMap { rule in
            guard case .pointer(let tokens) = rule.place else { return nil }
            return (tokens, rule.action)
        }
    }

    /// What to do with bodies that may hold what a rule names, and cannot be read: they are dropped
    /// unless a rule says otherwise.
    var unreadable: Action {
        rules.first { $0.place == .unreadableBody }?.action ?? .drop
    }

    /// Whether what a rule for sessions, keys or slices finds comes from a place that is redacted, or
    /// holds such a place.
    public func redacts(_ source: ExchangeRules.Source) -> Bool {
        switch source {
        case .header(let name): return action(header: name.lowercased().utf8) != nil
        case .cookie: return action(header: "cookie".utf8) != nil
        case .pointer(let pointer):
            guard let tokens = JSONPointer.tokens(pointer) else { return false }
            return redacts(tokens)
        }
    }

    /// Whether a value in a body, or something in it, is redacted. As in the body, the place that is
    /// nearest to the root decides, and of several rules for it the first.
    private func redacts(_ tokens: [String]) -> Bool {
        let rules = pointers.filter { rule in
            zip(rule.tokens, tokens).allSatisfy { $0 == "*" || $0 == $1 }
        }
        for depth in 0...tokens.count {
            if let first = rules.first(where: { $0.tokens.count == depth }) {
                return first.action != .keep
            }
        }
        // What lies deeper is redacted unless a rule keeps it, or what it lies in, before.
        return rules.indices.contains { index in
            let (place, action) = rules[index]
            let isKept = rules.indices.contains { other in
                let (kept, action) = rules[other]
                return action == .keep
                    && (kept.count < place.count || kept.count == place.count && other < index)
                    && zip(kept, place).allSatisfy { $0 == "*" || $0 == $1 }
            }
            return action != .keep && !isKept
        }
    }
}
