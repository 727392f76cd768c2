import AssayCapture
public import AssayCore
import AssayEvidence
import SystemPackage

extension ReplayPlan {
    /// The schema that the document names.
    static let schema = "assay/replay-plan/v1"

    /// The canonical bytes of the plan. Secrets are in it by name only.
    public func encode() -> [UInt8] {
        CanonicalJSON.encode(
            .object(present: [
                "schema": .string(Self.schema), "service": .string(service),
                "captureName": .string(captureName), "capture": JSONValue(capture),
                "store": .string(store.string), "runs": .string(runs.string),
                "arms": .array(arms.map(\.json)),
                "history": .array(
                    history.map { ["since": .integer($0.since), "bundle": JSONValue($0.bundle)] }),
                "rules": rules.json, "redaction": redaction.map(\.json),
                "seed": .string(String(seed)), "pacing": pacing.json,
                "concurrency": JSONValue(concurrency), "sample": sample.map { JSONValue($0) },
                "isolation": .string(isolation.rawValue), "replicas": JSONValue(replicas),
                "memory": limits.memory.map { JSONValue($0) },
                "cpus": limits.cpus.map { .double($0) },
                "egressLatency": .string(egressLatency.rawValue),
                "supplied": supplied.map { file -> JSONValue in
                    ["path": .string(file.path.string), "digest": JSONValue(file.digest)]
                },
                "arrangement": .string(arrangement.rawValue),
                "shard": shard.map { place -> JSONValue in
                    ["index": JSONValue(place.index), "count": JSONValue(place.count)]
                },
                "maximumExchanges": maximumExchanges.map { JSONValue($0) },
                "maximumTime": maximumTime.map { .integer($0.nanoseconds) },
                "parts": .array(parts.map { JSONValue($0) }),
                "partialRef": partialRef.map { .string($0) },
                "answersRef": answersRef.map { .string($0) },
                "answers": answers.map { JSONValue($0) },
                "continuation": .string(continuation.rawValue),
                "checkpointEvery": .integer(checkpointEvery.nanoseconds),
                "routes": .array(
                    routes.map {
                        ["route": .string($0.name), "replayable": .bool($0.isReplayable)]
                    }
                ),
                "confirmation": [
                    "processes": JSONValue(confirmation.processes),
                    "budget": JSONValue(confirmation.budget),
                ],
                "maximumRestarts": JSONValue(maximumRestarts),
                "requestTimeout": .integer(requestTimeout.nanoseconds),
                "answerLimit": JSONValue(answerLimit), "tool": .string(tool),
            ]))
    }

    /// Reads a plan; throws `.invalidDocument` for anything this version does not know. `name`
    /// names the document in messages.
    public static func parse(_ bytes: [UInt8], name: String) throws(AssayError) -> ReplayPlan {
        let reader = JSONReader(try JSONParser.parse(bytes, file: name), document: name)
        guard try reader["schema"].string() == schema else {
            throw reader["schema"].mismatch(schema)
        }
        try reader.allow(only: [
            "schema", "service", "captureName", "capture", "store", "runs", "arms", "history",
            "rules", "redaction",
            "seed", "pacing", "concurrency", "sample", "isolation", "confirmation",
            "replicas", "egressLatency", "routes", "shard", "maximumExchanges", "maximumTime",
            "checkpointEvery", "memory", "cpus", "supplied", "arrangement",
            "parts", "partialRef", "answersRef", "answers", "continuation",
            "maximumRestarts", "requestTimeout", "answerLimit", "tool",
        ])
        guard let seed = UInt64(try reader["seed"].string()) else {
            throw reader["seed"].mismatch("a whole number in quotes")
        }
        guard let isolation = Evidence.Isolation(rawValue: try reader["isolation"].string()) else {
            throw reader["isolation"].mismatch("sandbox, process or none")
        }
        guard let latency = EgressLatency(rawValue: try reader["egressLatency"].string()) else {
            throw reader["egressLatency"].mismatch("recorded or none")
        }
        var routes: [ExchangeRules.Route] = []
        for element in try reader["routes"].elements() {
            try element.allow(only: ["route", "replayable"])
            routes.append(
                .init(
                    try element["route"].string(),
                    isReplayable: try element["replayable"].bool()))
        }
        guard let arrangement = Arrangement(rawValue: try reader["arrangement"].string()) else {
            throw reader["arrangement"].mismatch("interleaved or sequential")
        }
        var shard: ReplayShard?
        if let place = reader["shard"].ifPresent {
            try place.allow(only: ["index", "count"])
            shard = ReplayShard(
                index: try place["index"].integer(), count: try place["count"].integer())
            guard shard != nil else { throw place.mismatch("a part and their count") }
        }
        var parts: [Digest] = []
        for element in try reader["parts"].elements() { parts.append(try element.digest()) }
        var arms: [ArmPlan] = []
        for element in try reader["arms"].elements() { arms.append(try ArmPlan(json: element)) }
        var history: [Tenure] = []
        for element in try reader["history"].elements() {
            try element.allow(only: ["since", "bundle"])
            history.append(
                Tenure(
                    since: Int64(try element["since"].integer()),
                    bundle: try element["bundle"].digest()))
        }
        let confirmation = reader["confirmation"]
        try confirmation.allow(only: ["processes", "budget"])
        var plan = ReplayPlan(
            service: try reader["service"].string(),
            captureName: try reader["captureName"].string(),
            capture: try reader["capture"].digest(),
            store: try FilePath(reading: reader["store"]),
            runs: try FilePath(reading: reader["runs"]), arms: arms, history: history,
            rules: try ComparisonRules(json: reader["rules"]), seed: seed,
            pacing: try Pacing(json: reader["pacing"]),
            concurrency: try reader["concurrency"].integer(),
            sample: try reader["sample"].ifPresent?.integer(), arrangement: arrangement,
            shard: shard,
            maximumExchanges: try reader["maximumExchanges"].ifPresent?.integer(),
            maximumTime: try reader["maximumTime"].ifPresent.map { (time) throws(AssayError) in
                .nanoseconds(try time.integer())
            },
            parts: parts, partialRef: try reader["partialRef"].ifPresent?.string(),
            replicas: try reader["replicas"].integer(), egressLatency: latency, routes: routes,
            isolation: isolation,
            limits: Limits(
                memory: try reader["memory"].ifPresent?.integer(),
                cpus: try reader["cpus"].ifPresent?.double()),
            confirmation: Confirmation(
                processes: try confirmation["processes"].integer(),
                budget: try confirmation["budget"].integer()),
            maximumRestarts: try reader["maximumRestarts"].integer(),
            requestTimeout: .nanoseconds(try reader["requestTimeout"].integer()),
            answerLimit: try reader["answerLimit"].integer(), tool: try reader["tool"].string())
        plan.redaction = try reader["redaction"].ifPresent.map(RedactionRules.init(json:))
        plan.checkpointEvery = .nanoseconds(try reader["checkpointEvery"].integer())
        plan.answersRef = try reader["answersRef"].ifPresent?.string()
        plan.answers = try reader["answers"].ifPresent?.digest()
        guard
            let continuation = Continuation(rawValue: try reader["continuation"].string())
        else { throw reader["continuation"].mismatch("none, same or without-fresh") }
        plan.continuation = continuation
        if let file = reader["supplied"].ifPresent {
            try file.allow(only: ["path", "digest"])
            plan.supplied = SuppliedFile(
                path: try FilePath(reading: file["path"]), digest: try file["digest"].digest())
        }
        return plan
    }
}

extension ReplayPlan.Pacing {
    var json: JSONValue {
        switch self {
        case .max: ["mode": "max"]
        case .schedule(let speed): ["mode": "schedule", "value": .double(speed)]
        case .rate(let rate): ["mode": "rate", "value": .double(rate)]
        }
    }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["mode", "value"])
        switch try reader["mode"].string() {
        case "max": self = .max
        case "schedule": self = .schedule(speed: try reader["value"].double())
        case "rate": self = .rate(try reader["value"].double())
        default: throw reader["mode"].mismatch("max, schedule or rate")
        }
    }
}
