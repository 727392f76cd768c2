import AssayCore
import AssayEvidence

/// Are the environments of candidate and baseline alike, as far as the rules ask?
struct EnvironmentJudge {
    let rules: [EnvironmentRule]
    let input: JudgeInput

    func judge(_ result: inout CheckResult) {
        result.unit = "count"
        result.method = "comparison of facts by rules"
        guard input.baseline != nil else {
            result.outcome = .notApplicable
            result.reason = "there is no baseline to compare with"
            return
        }
        let arms = input.replays.sorted { $0.key < $1.key }.first?.value.evidence.arms ?? []
        guard let new = arms.first(where: { $0.name == "candidate" })?.environment,
            let old = arms.first(where: { $0.name == "baseline" })?.environment,
            !new.isEmpty, !old.isEmpty
        else {
            result.reason = "the environments were not probed"
            return
        }
        var broken: [String] = []
        var unruled: [String] = []
        for key in Set(old.keys).union(new.keys).sorted() where old[key] != new[key] {
            let values = "\(key): \(old[key] ?? "absent") → \(new[key] ?? "absent")"
            guard let level = rules.last(where: { Self.matches($0.key, key) })?.level else {
                unruled.append(values)
                continue
            }
            if !Self.agree(old[key], new[key], level) { broken.append(values) }
        }
        result.candidate = Double(broken.count)
        result.requests = new.count
        result.outcome = broken.isEmpty ? .pass : .fail
        let facts = "\(new.count) facts compared"
        let apart = unruled.isEmpty ? "" : "; no rule for \(unruled.joined(separator: ", "))"
        result.reason = broken.isEmpty ? facts + apart : broken.joined(separator: ", ") + apart
    }

    /// Whether two values agree as far as a level asks.
    static func agree(_ old: String?, _ new: String?, _ level: EnvironmentRule.Level) -> Bool {
        if level == .ignore { return true }
        guard let old, let new else { return old == nil && new == nil }
        let parts: Int
        switch level {
        case .ignore, .presence: return true
        case .exact: return old == new
        case .patch: parts = 3
        case .minor: parts = 2
        case .major: parts = 1
        }
        func head(_ text: String) -> [Substring] {
            Array(text.split(separator: ".", omittingEmptySubsequences: false).prefix(parts))
        }
        return head(old) == head(new)
    }

    /// Whether a key matches a pattern of `*` and `{a,b}`.
    static func matches(_ pattern: String, _ key: String) -> Bool {
        if let open = pattern.firstIndex(of: "{"), let close = pattern[open...].firstIndex(of: "}")
        {
            let choices = pattern[pattern.index(after: open)..<close].split(separator: ",")
            return choices.contains { choice in
                matches(
                    "\(pattern[..<open])\(choice)\(pattern[pattern.index(after: close)...])", key)
            }
        }
        // Keys have no slashes, so `*` of a path pattern crosses everything here.
        return Glob(pattern).matches(key)
    }
}
