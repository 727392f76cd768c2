public import AssayCore

extension Evidence {
    /// Throws unless these are all shards of one run, each once: `.usage` for a shard that is missing
    /// or there twice, or for evidence of no shard; `.conflict`, with the first thing that differs, if
    /// they are of different runs.
    public static func checkShards(_ shards: [Evidence]) throws(AssayError) {
        func refuse(_ reason: String) -> AssayError {
            AssayError(
                .usage, "could not merge evidence: \(reason)",
                hint: "give every shard of one `assay replay --shard I/N`, each once")
        }
        guard let first = shards.first else { throw refuse("there is none") }
        var places: Set<String> = []
        for shard in shards {
            guard let place = shard.capture.shard else {
                throw refuse("\(shard.digest.short) is not of a shard")
            }
            guard places.insert(place).inserted else {
                throw refuse("shard \(place) is there twice")
            }
            if let fault = first.obstacle(to: shard) {
                throw AssayError(
                    .conflict,
                    "could not merge evidence \(shard.digest.short): its \(fault) "
                        + "is not that of \(first.digest.short)",
                    hint: first.redaction?.digest != shard.redaction?.digest
                        ? Redaction.sameHint
                        : "merge only the shards of one `assay replay --shard`")
            }
        }
        let count = first.capture.shard.flatMap { $0.split(separator: "/").last }.flatMap {
            Int($0)
        }
        for index in 1...max(1, count ?? 1) where !places.contains("\(index)/\(count ?? 1)") {
            throw refuse("shard \(index)/\(count ?? 1) is missing")
        }
        guard places.count == count else { throw refuse("the shards are of different counts") }
    }

    /// The first thing that keeps another evidence from being a shard of the same run.
    private func obstacle(to other: Evidence) -> String? {
        if service != other.service { return "service" }
        if capture.id != other.capture.id { return "capture" }
        if capture.exchanges != other.capture.exchanges { return "count of exchanges" }
        if capture.sample != other.capture.sample { return "sample" }
        if arms.map(\.name) != other.arms.map(\.name) { return "list of arms" }
        if arms.map(\.bundle) != other.arms.map(\.bundle) { return "list of bundles" }
        if arms.map(\.environment) != other.arms.map(\.environment) { return "environment" }
        if rules.digest != other.rules.digest { return "set of rules" }
        if redaction?.digest != other.redaction?.digest {
            return "set of redaction rules, or their key,"
        }
        if seed != other.seed { return "seed" }
        if pacing != other.pacing { return "pacing" }
        if isolation != other.isolation { return "isolation" }
        if supplied?.digest != other.supplied?.digest { return "file of answers" }
        if tool != other.tool { return "tool version" }
        return nil
    }
}
