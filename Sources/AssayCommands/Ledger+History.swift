import AssayCore
import AssayPromotion
import AssayReplay

extension Ledger {
    /// Which bundles a stage had, the earliest first, by promotions and rollbacks.
    func history(service: String, stage: String) throws(AssayError) -> [ReplayPlan.Tenure] {
        try log(service: service).filter { $0.stage == stage }.reversed().map { entry in
            ReplayPlan.Tenure(since: entry.time * 1_000_000_000, bundle: entry.bundle)
        }
    }
}
