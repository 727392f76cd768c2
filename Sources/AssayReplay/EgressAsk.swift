import AssayCore

/// What a service asked of a dependency: the key by which a recorded answer is found.
struct EgressAsk: Hashable, Sendable {
    /// The dependency's name.
    var name: String
    /// The request's method and target (path and query).
    var method: String, target: String
    /// The digest of the request's body.
    var body: Digest

    /// Method and target, as shown to people.
    var line: String { "\(method) \(target)" }

    /// The target without its query.
    var path: Substring { target.prefix { $0 != "?" } }

    /// In words, what differs from another ask.
    func differs(from other: EgressAsk) -> String {
        var parts: [String] = []
        if method != other.method { parts.append("the method is \(method), not \(other.method)") }
        if path != other.path {
            parts.append("the path is \(path), not \(other.path)")
        } else if target != other.target {
            parts.append(
                "the query is \(target.dropFirst(path.count)), not \(other.target.dropFirst(path.count))"
            )
        }
        if body != other.body {
            parts.append("the body hashes to \(body.short), not \(other.body.short)")
        }
        return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
    }

    /// How far an ask is from another; smaller is nearer.
    func distance(to other: EgressAsk) -> Int {
        (path == other.path ? 0 : 4) + (target == other.target ? 0 : 2)
            + (method == other.method ? 0 : 3) + (body == other.body ? 0 : 1)
    }
}
