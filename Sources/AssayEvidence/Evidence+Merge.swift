public import AssayCore

extension Evidence {
    /// Joins the evidence of the shards of one run, each of which replayed sessions of its own.
    ///
    /// Counts add, groups merge, and the order of the shards does not matter. What lies in blobs
    /// the caller has joined: the outcome rows by exchange id, the timings, the examples, and the
    /// latency that the joined timings give. Each shard's ledger counts its own exchanges only.
    /// Throws `.conflict`, with the first thing that differs, if these are not shards of one run.
    public static func merge(
        _ shards: [Evidence], latency: [String: Latency], outcomes: Digest, timings: Digest?,
        examples: Digest?
    ) throws(AssayError) -> Evidence {
        guard var merged = shards.first else {
            throw AssayError(.usage, "could not merge evidence: there is none")
        }
        var groups = DifferenceGroups()
        groups.add(merged.groups)
        for shard in shards.dropFirst() {
            if let fault = merged.obstacle(to: shard) {
                throw AssayError(
                    .conflict,
                    "could not merge evidence \(shard.digest.short): its \(fault) "
                        + "is not that of \(shards[0].digest.short)",
                    hint: "merge only what one replay was divided into")
            }
            merged.capture.chosen += shard.capture.chosen
            merged.capture.sessions += shard.capture.sessions
            for index in merged.arms.indices {
                merged.arms[index].starts += shard.arms[index].starts
                merged.arms[index].restarts += shard.arms[index].restarts
            }
            groups.add(shard.groups)
            merged.ledger = merged.ledger + shard.ledger
            merged.suppressed.merge(shard.suppressed, uniquingKeysWith: +)
            merged.notes += shard.notes
        }
        merged.notes = Set(merged.notes).sorted()
        merged.groups = groups.sorted
        merged.latency = latency
        merged.outcomes = outcomes
        merged.timings = timings
        merged.examples = examples
        return merged
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
        if seed != other.seed { return "seed" }
        if pacing != other.pacing { return "pacing" }
        if isolation != other.isolation { return "isolation" }
        if tool != other.tool { return "tool version" }
        return nil
    }
}
