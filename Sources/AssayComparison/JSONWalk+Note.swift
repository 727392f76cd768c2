import AssayCore
import AssayEvidence
import CSimdjson

extension JSONWalk {
    /// Types of JSON values as they are compared: true and false are of one type.
    enum Kind {
        case null, bool, number, string, array, object
        /// NaN or an infinity: not a number, and of one type with its likes alone.
        case notFinite

        init(_ kind: UInt32) {
            switch assay_json_kind(rawValue: kind) {
            case ASSAY_JSON_FALSE, ASSAY_JSON_TRUE: self = .bool
            case ASSAY_JSON_NUMBER: self = .number
            case ASSAY_JSON_STRING: self = .string
            case ASSAY_JSON_ARRAY: self = .array
            case ASSAY_JSON_OBJECT: self = .object
            case ASSAY_JSON_NOT_FINITE: self = .notFinite
            default: self = .null
            }
        }
    }

    /// Notes that a string or boolean is another one: a decision where a rule names the place.
    mutating func note(
        classes scope: RuleScope, _ left: assay_json_node, _ right: assay_json_node
    ) {
        switch unsafe stack.rules.measure(scope.rule) {
        case .exact where scope.rule >= 0, .decision: unsafe note(.decision, scope, left, right)
        default: unsafe note(.value, scope, left, right)
        }
    }

    /// Notes a difference at the path of the walk, unless the rule there ignores it.
    mutating func note(
        _ kind: Difference.Kind, _ scope: RuleScope, _ left: assay_json_node?,
        _ right: assay_json_node?
    ) {
        if case .ignore = unsafe stack.rules.measure(scope.rule) {
            unsafe found.suppress(by: scope.rule)
            return
        }
        let place = unsafe pointer
        guard unsafe found.takes(place) else { return }
        let before = left.map { unsafe Excerpt.text(old.raw($0)) }
        let after = right.map { unsafe Excerpt.text(new.raw($0)) }
        unsafe found.add(Difference(path: place, kind: kind, old: before, new: after))
    }

    /// The JSON Pointer of the value at hand; `body` for a whole document. Names longer than 200
    /// bytes are cut.
    var pointer: String {
        if unsafe path.isEmpty { return "body" }
        var pointer = ""
        for step in unsafe path {
            pointer += "/"
            switch step {
            case .index(let index): pointer += String(index)
            case .old(let node):
                pointer += unsafe JSONPointer.escape(Excerpt.text(old.text(old.nodes[node])))
            case .new(let node):
                pointer += unsafe JSONPointer.escape(Excerpt.text(new.text(new.nodes[node])))
            }
        }
        return pointer
    }
}
