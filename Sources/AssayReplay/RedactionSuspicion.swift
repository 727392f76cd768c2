import AssayCapture
import AssayCore
import AssayEvidence

/// Tells whether a redacted field may be why production is not reproduced: how many exchanges had it
/// redacted, and how many of those are answered otherwise.
struct RedactionSuspicion: Sendable {
    private struct Count {
        var exchanges = 0, differing = 0
    }

    private var all = Count()
    private var byPlace: [String: Count] = [:]
    /// Exchanges in which the two answers have other pseudonyms in one place.
    private var renamed = 0

    /// How likely it may be that exchanges differ only where the field is redacted by accident.
    static let level = 0.01

    /// Counts an exchange whose recorded answer may be this bundle's. `isFirstRun` says that there is no baseline,
    /// so that the candidate is held against the recorded answers.
    mutating func note(_ row: ExchangeOutcome, isFirstRun: Bool) {
        guard row.identity == .sameBundle || row.identity == .unknownBundle,
            let differences = row.differences[isFirstRun ? .effect : .identity]
        else { return }
        let noisy = Set((row.differences[.noise] ?? []).map(\.path))
        let differs = differences.contains { !noisy.contains($0.path) }
        all.exchanges += 1
        if differs { all.differing += 1 }
        if differences.contains(where: { Self.isName($0.old) && Self.isName($0.new) }) {
            renamed += 1
        }
        for place in row.redacted {
            byPlace[place, default: Count()].exchanges += 1
            if differs { byPlace[place, default: Count()].differing += 1 }
        }
    }

    /// The places without which no exchange differs, where that is no accident: at least half of those
    /// that have it differ, or so many do that they would hardly all have it if it did not matter.
    var suspects: [(place: String, exchanges: Int, differing: Int)] {
        guard all.differing > 0 else { return [] }
        var suspects: [(place: String, exchanges: Int, differing: Int)] = []
        for (place, count) in byPlace.sorted(by: { $0.key < $1.key })
        where count.differing == all.differing {
            let share = Double(count.exchanges) / Double(all.exchanges)
            // The chance that all that differ have it: at most its share, for each of them.
            var chance = 1.0
            for _ in 0..<min(count.differing, 1000) { chance *= share }
            guard 2 * count.differing >= count.exchanges || chance <= Self.level else { continue }
            suspects.append((place, count.exchanges, count.differing))
        }
        return suspects
    }

    private static func isName(_ value: String?) -> Bool {
        value?.hasPrefix("\"pseudonym-") == true || value?.hasPrefix("pseudonym-") == true
    }

    /// A sentence for each suspect whose value is not put back, with the rule that leaves such exchanges
    /// out, and one where the
    /// pseudonyms of at least half of all exchanges are not production's, as if made with another key.
    func sentences(_ rules: RedactionRules) -> [String] {
        let names =
            renamed > 0 && 2 * renamed >= all.exchanges
            ? [
                "pseudonyms in the answers to \(renamed) exchanges are not those of the recording: if "
                    + "that was made with another key, set ASSAY_REDACTION_KEY to it"
            ] : []
        return names
            + suspects.filter { !rules.putsBack($0.place) }.map { suspect in
                let many =
                    suspect.differing == 1 ? "the exchange" : "all \(suspect.differing) exchanges"
                let verb = suspect.differing == 1 ? "is" : "are"
                let rule = rules.line(for: suspect.place).map { " `\($0)`" } ?? " a rule for it"
                let again =
                    rules.mayPutBack(suspect.place)
                    ? "; or put a value back with `at_replay: {secret: NAME}`" : ""
                return
                    "\(many) that \(verb) not answered as in production had \(suspect.place) redacted "
                    + "in what the service was given: if answers depend on it, say so with\(rule) in "
                    + "`capture.redact` of assay.yaml, which does not hold them against their recorded answers\(again)"
            }
    }
}

extension RedactionRules {
    /// Whether a value could be put back at a place: into a header, or a pair of a target that still stands.
    fileprivate func mayPutBack(_ place: String) -> Bool {
        place.hasPrefix("header ")
            || place.hasPrefix("query ") && rule(for: place).map { $0.action != .drop } ?? false
    }

    /// The rule for a place as it would be written with `answer_depends`; `nil` where none takes it now.
    fileprivate func line(for place: String) -> String? {
        guard place != "body" || rule(for: place) != nil else {
            // Bodies that cannot be read are dropped without a rule for them.
            return "- {body: unreadable, as: drop, answer_depends: true}"
        }
        guard let rule = rule(for: place), rule.action != .keep else { return nil }
        let own: String
        switch rule.place {
        case .header(let name): own = "header: \(name)"
        case .query(let name): own = "query: \(name)"
        case .pointer(let tokens): own = "pointer: \(JSONPointer.text(tokens))"
        case .unreadableBody: own = "body: unreadable"
        }
        let back = rule.secret.map { ", at_replay: {secret: \($0)}" } ?? ""
        return "- {\(own), as: \(rule.action.rawValue), answer_depends: true\(back)}"
    }
}
