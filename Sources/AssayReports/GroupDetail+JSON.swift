public import AssayCore
import AssayEvidence
import AssayGate

extension GroupDetail {
    /// The group as a JSON object: the members of the evidence's own, its number, the slices in
    /// which it concentrates and its smallest example.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "number": JSONValue(number), "comparison": .string(group.comparison.rawValue),
            "route": .string(group.route), "path": .string(group.path),
            "kind": .string(group.kind.name), "count": JSONValue(group.count),
            "confirmed": JSONValue(group.confirmed), "noise": JSONValue(group.noise),
            "notSent": JSONValue(group.notSent), "examples": JSONValue(group.examples),
            "slices": .object(
                group.slices.mapValues { .object($0.mapValues { JSONValue($0) }) }),
        ]
        members["concentrations"] = .array(
            concentrations.map {
                [
                    "slice": .string($0.slice), "inside": JSONValue($0.inside),
                    "insideOf": JSONValue($0.insideOf), "outside": JSONValue($0.outside),
                    "outsideOf": JSONValue($0.outsideOf), "pAdjusted": .double($0.pAdjusted),
                ]
            })
        if let smallest { members["smallest"] = .string(smallest) }
        return .object(members)
    }
}
