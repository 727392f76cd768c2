import AssayCore
import AssayEvidence
import Testing

@testable import AssayComparison

/// A JSON value with ordered members, to be written in many spellings.
private indirect enum Value {
    case null
    case bool(Bool)
    /// A whole number and a power of ten.
    case number(Int, Int)
    case string(String)
    case array([Value])
    case object([(String, Value)])

    static func random(_ depth: Int, _ generator: inout SplitMix64) -> Value {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2:
            return .number(
                .random(in: -999_999...999_999, using: &generator),
                .random(in: -4...4, using: &generator))
        case 3, 4:
            let texts = ["", "a", "é", "😀 \"quoted\"", "back\\slash", "line\nbreak", "~/", "0"]
            return .string(texts[Int.random(in: 0..<texts.count, using: &generator)])
        case 5:
            var elements: [Value] = []
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                elements.append(.random(depth - 1, &generator))
            }
            return .array(elements)
        default:
            var members: [(String, Value)] = []
            for index in 0..<Int.random(in: 0...5, using: &generator) {
                members.append(
                    (["k", "a/b", "t~", "é", "", "10"][index], .random(depth - 1, &generator)))
            }
            return .object(members)
        }
    }

    /// Writes the value in one of its spellings.
    func write(_ generator: inout SplitMix64) -> String {
        let space = { (generator: inout SplitMix64) in
            ["", " ", "\n\t"][Int.random(in: 0..<3, using: &generator)]
        }
        switch self {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .number(let whole, let power):
            if Bool.random(using: &generator) { return "\(whole)e\(power)" }
            if Bool.random(using: &generator) { return "\(whole)0.0E\(power - 1)" }
            guard power < 0 else {
                return whole == 0 ? "0" : "\(whole)" + String(repeating: "0", count: power)
            }
            let digits = String(whole.magnitude)
            let padded = String(repeating: "0", count: max(0, 1 - power - digits.count)) + digits
            return (whole < 0 ? "-" : "") + padded.dropLast(-power) + "." + padded.suffix(-power)
        case .string(let text): return Self.quote(text, &generator)
        case .array(let elements):
            let parts = elements.map {
                space(&generator) + $0.write(&generator) + space(&generator)
            }
            return "[\(parts.joined(separator: ","))]"
        case .object(let members):
            let parts = members.shuffled(using: &generator).map {
                space(&generator) + Self.quote($0.0, &generator) + space(&generator) + ":"
                    + $0.1.write(&generator)
            }
            return "{\(parts.joined(separator: ","))}"
        }
    }

    static func quote(_ text: String, _ generator: inout SplitMix64) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if Bool.random(using: &generator) || scalar.value < 0x20 || scalar == "\""
                || scalar == "\\"
            {
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16)
                    quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                }
            } else {
                quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// Changes one leaf; gives the new value and the pointer of the change.
    func mutated(_ generator: inout SplitMix64) -> (Value, String) {
        switch self {
        case .null: return (.bool(true), "")
        case .bool(let flag): return (.bool(!flag), "")
        case .number(let whole, let power): return (.number(whole + 1, power), "")
        case .string(let text): return (.string(text + "x"), "")
        case .array(var elements):
            guard !elements.isEmpty else { return (.array([.null]), "/0") }
            let index = Int.random(in: 0..<elements.count, using: &generator)
            let (value, pointer) = elements[index].mutated(&generator)
            elements[index] = value
            return (.array(elements), "/\(index)\(pointer)")
        case .object(var members):
            guard !members.isEmpty else { return (.object([("new", .null)]), "/new") }
            let index = Int.random(in: 0..<members.count, using: &generator)
            let (value, pointer) = members[index].1.mutated(&generator)
            members[index].1 = value
            return (.object(members), "/\(JSONPointer.escape(members[index].0))\(pointer)")
        }
    }
}

@Suite("properties of comparison")
struct PropertyTests {
    @Test("a value is the same in every spelling, and any one mutation is found at its place")
    func spellings() throws {
        var generator = SplitMix64(seed: 2026)
        let comparer = try AnswerComparer(rules: ComparisonRules())
        for round in 0..<4000 {
            let value = Value.random(4, &generator)
            let old = Pairs.json(value.write(&generator))
            let same = comparer.compare(old, Pairs.json(value.write(&generator)))
            #expect(same == ComparisonResult(), "round \(round)")
            let (other, pointer) = value.mutated(&generator)
            let found = comparer.compare(old, Pairs.json(other.write(&generator)))
            #expect(
                found.differences.map(\.path) == [pointer.isEmpty ? "body" : pointer],
                "round \(round)")
            #expect(found.notes.isEmpty)
        }
    }

    @Test("one comparer serves many threads and gives each the same")
    func concurrency() async throws {
        let comparer = try AnswerComparer(rules: Pairs.rules([("/b", .ignore(reason: "r"))]))
        await withTaskGroup(of: [String].self) { group in
            for number in 0..<8 {
                group.addTask {
                    var lines: [String] = []
                    for round in 0..<200 {
                        let result = comparer.compare(
                            Pairs.json(#"{"a":\#(number),"b":\#(round)}"#),
                            Pairs.json(#"{"a":\#(number + 1),"b":\#(round + 1)}"#))
                        lines += Pairs.lines(result)
                    }
                    return lines.filter { $0 != "value /a \(number) \(number + 1)" }
                }
            }
            for await wrong in group { #expect(wrong.isEmpty) }
        }
    }
}
