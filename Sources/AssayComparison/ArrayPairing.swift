import AssayCore
import AssayEvidence

/// How the elements of two arrays are paired, with the key's pointer taken apart.
enum ArrayPairing: Sendable {
    case ordered, multiset
    /// By what stands at a pointer in each element, as unescaped tokens.
    case keyed([[UInt8]])
    /// By rank: the first `top` share `overlap` of their elements; an empty key takes them whole.
    case ranked(top: Int, overlap: Double, key: [[UInt8]])

    /// The pairing that a rule asks for. Throws `.usage` if its key is not a JSON Pointer.
    init(_ rule: ComparisonRules.Rule) throws(AssayError) {
        if case .rank(let top, let overlap, let key) = rule.measure {
            self = .ranked(
                top: top, overlap: overlap, key: try key.map(Self.tokens(rule)) ?? [])
            return
        }
        switch rule.pairing {
        case .ordered: self = .ordered
        case .multiset: self = .multiset
        case .keyed(let pointer): self = .keyed(try Self.tokens(rule)(pointer))
        }
    }

    private static func tokens(
        _ rule: ComparisonRules.Rule
    ) -> (String) throws(AssayError) -> [[UInt8]] {
        { pointer throws(AssayError) in
            guard let tokens = JSONPointer.tokens(pointer), !tokens.isEmpty else {
                throw AssayError(
                    .usage, "the key \"\(pointer)\" of rule \"\(rule.pointer)\" is no place",
                    hint: "write a JSON Pointer into an element, such as /id")
            }
            return tokens.map { Array($0.utf8) }
        }
    }
}
