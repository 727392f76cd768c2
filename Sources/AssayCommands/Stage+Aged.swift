import AssayGate
import AssayPromotion

extension Stage {
    /// The stage's name with the greatest age of its verdicts in whole seconds.
    var aged: Verification.AgedStage {
        .init(name: name, maximumAge: evidenceMaximumAge.map { $0 / 1_000_000_000 })
    }
}
