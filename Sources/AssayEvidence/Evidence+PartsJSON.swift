import AssayCore

extension Evidence.Capture {
    var json: JSONValue {
        .object(present: [
            "id": JSONValue(id), "name": .string(name), "exchanges": JSONValue(exchanges),
            "chosen": JSONValue(chosen), "sessions": JSONValue(sessions),
            "sample": sample.map { JSONValue($0) }, "shard": shard.map { .string($0) },
        ])
    }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["id", "name", "exchanges", "chosen", "sessions", "sample", "shard"])
        self.init(
            id: try reader["id"].digest(), name: try reader["name"].string(),
            exchanges: try reader["exchanges"].count(), chosen: try reader["chosen"].count(),
            sessions: try reader["sessions"].count(),
            sample: try reader["sample"].ifPresent?.count())
        shard = try reader["shard"].ifPresent?.string()
    }
}

extension Evidence.Arm {
    var json: JSONValue {
        .object(present: [
            "name": .string(name), "bundle": bundle.map { JSONValue($0) },
            "environment": JSONValue(environment), "starts": JSONValue(starts),
            "restarts": JSONValue(restarts),
        ])
    }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["name", "bundle", "environment", "starts", "restarts"])
        self.init(
            name: try reader["name"].string(), bundle: try reader["bundle"].ifPresent?.digest(),
            environment: try reader["environment"].stringMap(),
            starts: try reader["starts"].count(), restarts: try reader["restarts"].count())
    }
}

extension Evidence.Pacing {
    var json: JSONValue {
        .object(present: [
            "mode": .string(mode), "value": value.map(JSONValue.double),
            "concurrency": JSONValue(concurrency),
        ])
    }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["mode", "value", "concurrency"])
        self.init(
            mode: try reader["mode"].string(), value: try reader["value"].ifPresent?.double(),
            concurrency: try reader["concurrency"].count())
    }
}

extension Evidence.Group {
    var json: JSONValue {
        .object(present: [
            "comparison": .string(comparison.rawValue), "route": .string(route),
            "path": .string(path), "kind": .string(kind.name), "count": JSONValue(count),
            "confirmed": JSONValue(confirmed), "noise": JSONValue(noise),
            "notSent": JSONValue(notSent),
            "slices": .object(slices.mapValues { .object($0.mapValues { JSONValue($0) }) }),
            "examples": JSONValue(examples),
        ])
    }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: [
            "comparison", "route", "path", "kind", "count", "confirmed", "noise", "notSent",
            "slices", "examples",
        ])
        var slices: [String: [String: Int]] = [:]
        for (field, values) in try reader["slices"].members() {
            slices[field] = try values.countMap()
        }
        self.init(
            comparison: try reader["comparison"].choice(of: ExchangeOutcome.Comparison.self),
            route: try reader["route"].string(), path: try reader["path"].string(),
            kind: try reader["kind"].differenceKind(), count: try reader["count"].count(),
            confirmed: try reader["confirmed"].count(), noise: try reader["noise"].count(),
            notSent: try reader["notSent"].count(), slices: slices,
            examples: try reader["examples"].strings())
    }
}

extension Evidence.Latency {
    var json: JSONValue {
        .object(present: [
            "count": JSONValue(count), "quantiles": .object(quantiles.mapValues(JSONValue.integer)),
            "fromSend": fromSend.isEmpty ? nil : .object(fromSend.mapValues(JSONValue.integer)),
            "sample": .array(sample.map(JSONValue.integer)), "void": void.map(JSONValue.string),
        ])
    }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["count", "quantiles", "fromSend", "sample", "void"])
        var sample: [Int64] = []
        for element in try reader["sample"].elements() {
            sample.append(Int64(try element.integer()))
        }
        self.init(
            count: try reader["count"].count(),
            quantiles: try reader["quantiles"].countMap().mapValues { Int64($0) }, sample: sample,
            void: try reader["void"].ifPresent?.string())
        fromSend = try reader["fromSend"].ifPresent?.countMap().mapValues { Int64($0) } ?? [:]
    }
}
