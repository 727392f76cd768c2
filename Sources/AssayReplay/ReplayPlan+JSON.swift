public import AssayCore
import AssayCapture
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
                "arms": .array(arms.map(\.json)), "rules": rules.json,
                "seed": .string(String(seed)), "pacing": pacing.json,
                "concurrency": JSONValue(concurrency), "sample": sample.map { JSONValue($0) },
                "isolation": .string(isolation.rawValue), "replicas": JSONValue(replicas),
                "egressLatency": .string(egressLatency.rawValue),
                "routes": .array(
                    routes.map { ["route": .string($0.name), "replayable": .bool($0.isReplayable)] }
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
            "schema", "service", "captureName", "capture", "store", "runs", "arms", "rules",
            "seed", "pacing", "concurrency", "sample", "isolation", "confirmation",
            "replicas", "egressLatency", "routes",
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
        var arms: [ArmPlan] = []
        for element in try reader["arms"].elements() { arms.append(try ArmPlan(json: element)) }
        let confirmation = reader["confirmation"]
        try confirmation.allow(only: ["processes", "budget"])
        return ReplayPlan(
            service: try reader["service"].string(),
            captureName: try reader["captureName"].string(),
            capture: try reader["capture"].digest(),
            store: try FilePath(reading: reader["store"]),
            runs: try FilePath(reading: reader["runs"]), arms: arms,
            rules: try ComparisonRules(json: reader["rules"]), seed: seed,
            pacing: try Pacing(json: reader["pacing"]),
            concurrency: try reader["concurrency"].integer(),
            sample: try reader["sample"].ifPresent?.integer(),
            replicas: try reader["replicas"].integer(), egressLatency: latency, routes: routes,
            isolation: isolation,
            confirmation: Confirmation(
                processes: try confirmation["processes"].integer(),
                budget: try confirmation["budget"].integer()),
            maximumRestarts: try reader["maximumRestarts"].integer(),
            requestTimeout: .nanoseconds(try reader["requestTimeout"].integer()),
            answerLimit: try reader["answerLimit"].integer(), tool: try reader["tool"].string())
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
