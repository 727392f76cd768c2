import AssayCapture
import AssayCore

/// Supplied answers to calls that no recording has, by what is asked.
struct EgressSupply: Sendable {
    /// One answer.
    struct Answer: Hashable, Sendable {
        /// The line of the file that has it.
        var line: Int
        var response: [UInt8]
        /// How long it takes, in nanoseconds; `nil` where the file does not say it.
        var latency: Int64?
    }

    /// The lines of the file in their order, and those that say no time.
    let lines: [Int]
    let untimed: Set<Int>
    private var answers: [EgressAsk: Answer] = [:]

    /// Takes up calls, each as it is written and as a recording would keep it.
    ///
    /// Throws `.usage` for a call of a dependency that is none of `names`.
    init(
        _ supplied: SuppliedCalls, redaction: ReplayRedaction?, names: Set<String>
    ) throws(AssayError) {
        lines = supplied.calls.map(\.line)
        untimed = Set(supplied.calls.filter { $0.latency == nil }.map(\.line))
        for call in supplied.calls {
            guard names.contains(call.name) else {
                let meant = Suggestion.nearest(to: call.name, among: names)
                throw AssayError(
                    .usage,
                    "line \(call.line) of \(supplied.name) answers for the dependency "
                        + "\(call.name), which no bundle here declares",
                    hint: meant.map { "did you mean `\($0)`?" }
                        ?? "declared are \(names.sorted().joined(separator: ", "))")
            }
            let answer = Answer(line: call.line, response: call.response, latency: call.latency)
            var asks = [EgressAsk(name: call.name, call: call.request)]
            if let kept = redaction?.ask(name: call.name, call: call.request) { asks.append(kept) }
            for var ask in asks {
                if let digest = call.bodyDigest { ask.body = digest }
                // Of lines that differ in what recordings leave out, the first stands for all.
                if answers[ask] == nil { answers[ask] = answer }
            }
        }
    }

    /// The answer to a call; `nil` if there is none.
    subscript(ask: EgressAsk) -> Answer? { answers[ask] }
}

extension EgressAsk {
    /// The line of a file of answers that answers this call, to be copied; its response is a place
    /// holder. A body stands as its digest.
    var lineToWrite: String {
        var request: [String: JSONValue] = ["target": .string(target)]
        if method != "GET" { request["method"] = .string(method) }
        if body != Digest(of: [] as [UInt8]) { request["bodyDigest"] = JSONValue(body) }
        return String(
            decoding: CanonicalJSON.encode([
                "name": .string(name), "request": .object(request),
                "response": ["status": 200, "json": [:]],
            ]), as: UTF8.self)
    }
}
