import AssayCoding
public import AssayCore
public import AssayEvidence
import CSimdjson
import Synchronization

/// Compares two answers to the same request by rules.
///
/// One comparer serves any number of threads: each comparison borrows parsers from a pool.
public final class AnswerComparer: Sendable {
    /// The rules it goes by.
    public let rules: ComparisonRules
    /// Its bounds.
    public let limits: ComparisonLimits
    private let compiled: CompiledRules
    private let pool = Mutex<[Workspace]>([])

    /// Makes a comparer. Throws `.usage`, naming the rule, for a rule that cannot be followed.
    public init(
        rules: ComparisonRules, limits: ComparisonLimits = ComparisonLimits()
    ) throws(AssayError) {
        self.rules = rules
        self.limits = limits
        compiled = try CompiledRules(rules)
    }

    /// The names of all headers that a comparison looks at; `nil` where a rule names every header.
    public var comparedHeaders: [String]? {
        let names = compiled.headers.map(\.name)
        return names.contains("*") ? nil : ["content-type", "content-encoding"] + names
    }

    /// Compares the answer `new` with `old`.
    ///
    /// Answers with the same status, content type, encoding and bytes are the same without a parse.
    /// Where the status differs, bodies and headers are compared only if both are 2xx, or a rule
    /// ignores the status. Then content encodings are undone and the bodies compared as JSON if both are, as text otherwise. What
    /// cannot be decoded or read is compared as bytes, and a note says why.
    public func compare(_ old: Answer, _ new: Answer) -> ComparisonResult {
        var found = DifferenceList(limits: limits)
        if old.status != new.status {
            let isIgnored = noteStatus(old, new, &found)
            guard isIgnored || isSuccess(old) && isSuccess(new) else {
                return found.result(compiled)
            }
        }
        compareHeaders(old, new, &found)
        let encodings = (old.header("content-encoding"), new.header("content-encoding"))
        if encodings.0 != encodings.1 || !sameBytes(old.body, new.body) {
            compareBodies(old, new, encodings, &found)
        }
        return found.result(compiled)
    }

    private func isSuccess(_ answer: Answer) -> Bool { (200..<300).contains(answer.status) }

    /// Notes another status; gives whether a rule ignores it.
    private func noteStatus(_ old: Answer, _ new: Answer, _ found: inout DifferenceList) -> Bool {
        if case .ignore = compiled.measure(compiled.status) {
            found.suppress(by: compiled.status)
            return true
        }
        found.add(
            Difference(
                path: "status", kind: .status, old: String(old.status), new: String(new.status)))
        return false
    }

    private func compareBodies(
        _ old: Answer, _ new: Answer, _ encodings: (String?, String?),
        _ found: inout DifferenceList
    ) {
        let first = decoded(old, encodings.0, "old", &found)
        let second = decoded(new, encodings.1, "new", &found)
        guard let first, let second else {
            return OpaqueBody.note(old.body, new.body, rules: compiled, found: &found)
        }
        if sameBytes(first, second) { return }
        let forms = (BodyForm.sniff(first, of: old), BodyForm.sniff(second, of: new))
        let wantsNumber =
            switch compiled.measure(compiled.nodes[0].rule) {
            case .tolerance, .decision, .ulp: true
            case .exact, .ignore, .time, .shape, .text, .cosine, .rank: false
            }
        guard forms != (.opaque, .opaque) || wantsNumber else {
            return OpaqueBody.note(first, second, rules: compiled, found: &found)
        }
        compareDocuments((first, forms.0), (second, forms.1), &found)
    }

    private func decoded(
        _ answer: Answer, _ encoding: String?, _ side: String, _ found: inout DifferenceList
    ) -> ArraySlice<UInt8>? {
        do throws(AssayError) {
            return try ContentDecoder.decode(
                answer.body, encoding: encoding, limit: limits.decodedSize)
        } catch {
            found.notes.append("the \(side) body was compared as bytes: \(error.message)")
            return nil
        }
    }

    private func compareDocuments(
        _ old: (body: ArraySlice<UInt8>, form: BodyForm),
        _ new: (body: ArraySlice<UInt8>, form: BodyForm), _ found: inout DifferenceList
    ) {
        let workspace: Workspace
        do throws(AssayError) {
            if let idle = pool.withLock({ $0.popLast() }) {
                workspace = idle
            } else {
                workspace = try Workspace(limits: limits)
            }
        } catch {
            found.notes.append("bodies were compared as bytes: \(error.message)")
            return OpaqueBody.note(old.body, new.body, rules: compiled, found: &found)
        }
        defer {
            workspace.old.shrink()
            workspace.new.shrink()
            pool.withLock { $0.append(workspace) }
        }
        var faults = (
            workspace.old.read(old.body, as: old.form), workspace.new.read(new.body, as: new.form)
        )
        if faults != (nil, nil), old.form == .json, new.form == .json,
            workspace.old.read(old.body, as: .lines) == nil,
            workspace.new.read(new.body, as: .lines) == nil
        {
            // Many services send JSON lines under the type of JSON.
            faults = (nil, nil)
        }
        if faults == (nil, nil) {
            var walk = unsafe JSONWalk(
                old: workspace.old.view, new: workspace.new.view, rules: compiled, found: found)
            unsafe walk.run()
            found = unsafe walk.found
            if haveOtherHeadersAlone(old, new, workspace) {
                OpaqueBody.note(old.body, new.body, rules: compiled, found: &found)
            }
            return
        }
        if let fault = faults.0, old.form != .opaque {
            found.notes.append("the old body was compared as text: it \(fault)")
        }
        if let fault = faults.1, new.form != .opaque {
            found.notes.append("the new body was compared as text: it \(fault)")
        }
        OpaqueBody.note(old.body, new.body, rules: compiled, found: &found)
    }
}

extension AnswerComparer {
    /// Whether two tables have no rows, and headers that name other columns: with rows, their members
    /// tell that.
    private func haveOtherHeadersAlone(
        _ old: (body: ArraySlice<UInt8>, form: BodyForm),
        _ new: (body: ArraySlice<UInt8>, form: BodyForm), _ workspace: Workspace
    ) -> Bool {
        guard case .table(let first, true) = old.form, case .table(let second, true) = new.form,
            unsafe workspace.old.view.nodes[0].count == 0,
            unsafe workspace.new.view.nodes[0].count == 0
        else { return false }
        return DelimitedTable.columns(BodyForm.withoutMark(old.body), separator: first)
            != DelimitedTable.columns(BodyForm.withoutMark(new.body), separator: second)
    }

    /// Compares the content type, and those headers that rules name.
    private func compareHeaders(_ old: Answer, _ new: Answer, _ found: inout DifferenceList) {
        compareHeader("content-type", old, new, &found)
        guard !compiled.headers.isEmpty else { return }
        var names: Set<String> = []
        for field in old.headers + new.headers where compiled.header(field.name) >= 0 {
            names.insert(field.name.lowercased())
        }
        names.remove("content-type")
        for name in names.sorted() { compareHeader(name, old, new, &found) }
    }

    private func compareHeader(
        _ name: String, _ old: Answer, _ new: Answer, _ found: inout DifferenceList
    ) {
        let (first, second) = (old.header(name), new.header(name))
        if first == second { return }
        if name == "content-type", normal(first) == normal(second) { return }
        let rule = compiled.header(name)
        let measure = compiled.measure(rule)
        if case .ignore = measure { return found.suppress(by: rule) }
        if let first, let second, let standing = standing(measure, first, second) {
            if case .tolerated = standing { return found.suppress(by: rule) }
        }
        found.add(
            Difference(
                path: "header:\(name)", kind: .header, old: first.map { Excerpt.text($0.utf8) },
                new: second.map { Excerpt.text($0.utf8) }))
    }

    /// A media type as it is compared: letters of one case, no spaces.
    private func normal(_ contentType: String?) -> String? {
        contentType?.filter { $0 != " " && $0 != "\t" }.lowercased()
    }

    /// How a measure judges two headers that are numbers; `nil` where they are not.
    private func standing(
        _ measure: ComparisonRules.Measure, _ old: String, _ new: String
    ) -> NumberStanding? {
        var (first, second) = (old, new)
        switch measure {
        case .exact, .ignore, .cosine, .rank: return nil
        case .time, .shape, .text:
            let isTolerated = first.withUTF8 { a in
                second.withUTF8 { b in unsafe measure.tolerates(a, b) }
            }
            return isTolerated ? .tolerated : .apart
        case .tolerance, .decision, .ulp: break
        }
        guard Double(first) != nil, Double(second) != nil else { return nil }
        return first.withUTF8 { a in second.withUTF8 { b in unsafe measure.judge(a, b) } }
    }
}

/// Two parsers, for the two sides of a comparison.
///
/// Unchecked: a workspace is in the pool or with one comparison, never both, so one thread at a
/// time touches it.
final class Workspace: @unchecked Sendable {
    let old: JSONDocument
    let new: JSONDocument

    init(limits: ComparisonLimits) throws(AssayError) {
        old = try JSONDocument(limits: limits)
        new = try JSONDocument(limits: limits)
    }
}
