import AssayGate

extension Policy {
    /// The stage whose bundle is the baseline: what `baseline` names, else the last stage.
    var baselineStage: String {
        if let resolve = baseline.resolve, resolve.hasPrefix("stage/") {
            return String(resolve.dropFirst("stage/".count))
        }
        return stages.last?.name ?? "prod"
    }
}
