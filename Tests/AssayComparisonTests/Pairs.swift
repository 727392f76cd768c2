import AssayCore
import AssayEvidence
import Testing

@testable import AssayComparison

/// Comparing two bodies in one line.
enum Pairs {
    static func json(_ body: String, status: Int = 200) -> Answer {
        Answer(
            status: status, headers: [("Content-Type", "application/json")], body: Array(body.utf8))
    }

    static func text(_ body: String) -> Answer {
        Answer(status: 200, headers: [("content-type", "text/plain")], body: Array(body.utf8))
    }

    static func rules(_ rules: [(String, ComparisonRules.Measure)]) -> ComparisonRules {
        ComparisonRules(rules: rules.map { .init(pointer: $0.0, measure: $0.1) })
    }

    static func compare(
        _ old: String, _ new: String, _ rules: [(String, ComparisonRules.Measure)] = []
    ) throws -> ComparisonResult {
        try AnswerComparer(rules: self.rules(rules)).compare(json(old), json(new))
    }

    /// `kind path old new`, for tables.
    static func lines(_ result: ComparisonResult) -> [String] {
        result.differences.map { "\($0.kind.name) \($0.path) \($0.old ?? "-") \($0.new ?? "-")" }
    }
}
