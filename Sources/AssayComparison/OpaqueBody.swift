import AssayCore
import AssayEvidence

/// Compares bodies that have no places inside: text and bytes.
enum OpaqueBody {
    /// How many bytes before the first difference an excerpt starts.
    private static let lead = 40

    /// Notes that two bodies differ, with excerpts from where they part.
    static func note(
        _ old: ArraySlice<UInt8>, _ new: ArraySlice<UInt8>, rules: CompiledRules,
        found: inout DifferenceList
    ) {
        let rule = rules.nodes[0].rule
        var kind = Difference.Kind.value
        let measure = rules.measure(rule)
        switch measure {
        case .ignore: return found.suppress(by: rule)
        case .time, .shape, .text:
            if passes(old, new, measure) { return found.suppress(by: rule) }
        case .exact where rule >= 0, .decision: kind = .decision
        default: break
        }
        let place = zip(old, new).prefix { $0 == $1 }.count
        found.add(
            Difference(
                path: "body", kind: kind, old: excerpt(old, from: place),
                new: excerpt(new, from: place)))
    }

    /// Whether two bodies are the same text under a measure. White space around a time or a shape, such
    /// as the line's end, does not count.
    private static func passes(
        _ old: ArraySlice<UInt8>, _ new: ArraySlice<UInt8>, _ measure: ComparisonRules.Measure
    ) -> Bool {
        var (old, new) = (old, new)
        switch measure {
        case .time, .shape: (old, new) = (withoutSpace(old), withoutSpace(new))
        default: break
        }
        return unsafe old.withUnsafeBufferPointer { a in
            unsafe new.withUnsafeBufferPointer { b in unsafe measure.tolerates(a, b) }
        }
    }

    private static func withoutSpace(_ body: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let last = body.lastIndex(where: { !isSpace($0) }) else { return [] }
        return body[...last].drop(while: isSpace)
    }

    private static func excerpt(_ body: ArraySlice<UInt8>, from place: Int) -> String {
        let start = place <= lead ? 0 : place - lead
        var piece = body.dropFirst(start)
        // Start between two scalars: continuation bytes belong to the one before.
        if start > 0 { piece = piece.drop { $0 & 0xC0 == 0x80 } }
        let shown = piece.prefix(Excerpt.limit)
        guard !shown.contains(where: { $0 < 0x20 && !(0x09...0x0D).contains($0) }),
            isText(shown)
        else {
            return
                "\(body.count) bytes with digest \(Digest(of: body).short), apart from \(place)"
        }
        if start == 0 { return Excerpt.text(piece) }
        return "…" + Excerpt.text(piece, limit: Excerpt.limit - 3)
    }

    /// Whether bytes are UTF-8 but for a scalar that the end cuts.
    private static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
        for cut in 0...3 {
            if String(validating: bytes.dropLast(cut), as: UTF8.self) != nil { return true }
            if cut == 0, bytes.count < Excerpt.limit { return false }
        }
        return false
    }
}
