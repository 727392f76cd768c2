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
                "rules": rules.json,
                "seed": .string(String(seed)), "pacing": pacing.json,
                "concurrency": JSONValue(concurrency), "sample": sample.map { JSONValue($0) },
                "isolation": .string(isolation.rawValue),
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
            "rules",
            "seed", "pacing", "concurrency", "sample", "isolation", "confirmation",
            "maximumRestarts", "requestTimeout", "answerLimit", "tool",
        ])
        guard let seed = UInt64(try reader["seed"].string()) else {
            throw reader["seed"].mismatch("a whole number in quotes")
        }
        guard let isolation = Evidence.Isolation(rawValue: try reader["isolation"].string()) else {
            throw reader["isolation"].mismatch("sandbox, process or none")
        }
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
        return ReplayPlan(
            service: try reader["service"].string(),
            captureName: try reader["captureName"].string(),
            capture: try reader["capture"].digest(),
            store: try FilePath(reading: reader["store"]),
            runs: try FilePath(reading: reader["runs"]), arms: arms, history: history,
            rules: try ComparisonRules(json: reader["rules"]), seed: seed,
            pacing: try Pacing(json: reader["pacing"]),
            concurrency: try reader["concurrency"].integer(),
            sample: try reader["sample"].ifPresent?.integer(), isolation: isolation,
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
