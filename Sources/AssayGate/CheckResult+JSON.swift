import AssayCore

extension CheckResult {
    var json: JSONValue {
        .object(present: [
            "id": .string(id), "kind": .string(kind), "capture": capture.map { .string($0) },
            "line": JSONValue(line), "outcome": .string(outcome.rawValue),
            "effect": .string(effect.rawValue), "reason": .string(reason),
            "findings": .array(findings.map(\.json)),
            "fields": .array(
                fields.map {
                    [
                        "path": .string($0.path), "kind": .string($0.kind),
                        "count": JSONValue($0.count),
                    ]
                }), "details": JSONValue(details), "examples": JSONValue(examples),
            "next": JSONValue(next),
        ])
    }

    init(_ reader: JSONReader) throws(AssayError) {
        try reader.allow(only: [
            "id", "kind", "capture", "line", "outcome", "effect", "reason", "findings", "fields",
            "details", "examples", "next",
        ])
        var findings: [Finding] = []
        for element in try reader["findings"].elements() { findings.append(try Finding(element)) }
        var fields: [FieldCount] = []
        for element in try reader["fields"].elements() {
            try element.allow(only: ["path", "kind", "count"])
            fields.append(
                FieldCount(
                    path: try element["path"].string(), kind: try element["kind"].string(),
                    count: try element["count"].integer()))
        }
        self.init(
            id: try reader["id"].string(), kind: try reader["kind"].string(),
            capture: try reader["capture"].ifPresent?.string(), line: try reader["line"].integer(),
            outcome: try reader["outcome"].name(of: Outcome.self),
            effect: try reader["effect"].name(of: Effect.self),
            reason: try reader["reason"].string(), findings: findings, fields: fields,
            details: try reader["details"].strings(), examples: try reader["examples"].strings(),
            next: try reader["next"].strings())
    }
}

extension Finding {
    var json: JSONValue {
        .object(present: [
            "slice": slice.map { .string($0) }, "outcome": .string(outcome.rawValue),
            "effect": .string(effect.rawValue), "unit": .string(unit.rawValue),
            "baseline": baseline.map { .double($0) }, "candidate": candidate.map { .double($0) },
            "delta": delta.map { .double($0) }, "lower": lower.map { .double($0) },
            "upper": upper.map { .double($0) }, "confidence": confidence.map { .double($0) },
            "direction": .string(direction), "limit": .double(limit),
            "limitText": .string(limitText), "requests": JSONValue(requests),
            "sessions": JSONValue(sessions), "count": count.map { JSONValue($0) },
            "noise": noise.map { .double($0) }, "p": p.map { .double($0) },
            "pAdjusted": pAdjusted.map { .double($0) }, "method": .string(method),
            "reason": .string(reason),
            "need": need.map { ["requests": JSONValue($0), "have": JSONValue(requests)] },
            "examples": JSONValue(examples),
        ])
    }

    init(_ reader: JSONReader) throws(AssayError) {
        try reader.allow(only: [
            "slice", "outcome", "effect", "unit", "baseline", "candidate", "delta", "lower",
            "upper", "confidence", "direction", "limit", "limitText", "requests", "sessions",
            "count", "noise", "p", "pAdjusted", "method", "reason", "need", "examples",
        ])
        let need = reader["need"].ifPresent
        try need?.allow(only: ["requests", "have"])
        self.init(
            slice: try reader["slice"].ifPresent?.string(),
            outcome: try reader["outcome"].name(of: Outcome.self),
            effect: try reader["effect"].name(of: Effect.self),
            unit: try reader["unit"].name(of: Unit.self),
            baseline: try reader["baseline"].ifPresent?.double(),
            candidate: try reader["candidate"].ifPresent?.double(),
            delta: try reader["delta"].ifPresent?.double(),
            lower: try reader["lower"].ifPresent?.double(),
            upper: try reader["upper"].ifPresent?.double(),
            confidence: try reader["confidence"].ifPresent?.double(),
            direction: try reader["direction"].string(), limit: try reader["limit"].double(),
            limitText: try reader["limitText"].string(),
            requests: try reader["requests"].integer(),
            sessions: try reader["sessions"].integer(),
            count: try reader["count"].ifPresent?.integer(),
            noise: try reader["noise"].ifPresent?.double(), p: try reader["p"].ifPresent?.double(),
            pAdjusted: try reader["pAdjusted"].ifPresent?.double(),
            method: try reader["method"].string(), reason: try reader["reason"].string(),
            need: try need?["requests"].integer(), examples: try reader["examples"].strings())
    }
}
