import AssayCore

/// What a stage had: its changes, newest first, and what they say of a rollback's targets.
struct StagePast {
    private let changes: [LedgerEntry]

    /// Takes all changes of one stage, newest first.
    init(newestFirst changes: [LedgerEntry]) {
        self.changes = changes
    }

    /// The last promotion of a bundle before a change; `nil` if there is none.
    func promotion(of bundle: Digest, before sequence: Int = .max) -> LedgerEntry? {
        changes.first {
            $0.kind == .promotion && $0.bundle == bundle && $0.sequence < sequence
        }
    }

    /// Whether a rollback after a promotion took it back.
    ///
    /// A rollback that went on to a bundle promoted later took back nothing of what it left.
    func wasTakenBack(_ promotion: LedgerEntry) -> Bool {
        changes.contains { change in
            guard change.kind == .rollback, change.previous == promotion.bundle,
                change.sequence > promotion.sequence,
                let left = self.promotion(of: promotion.bundle, before: change.sequence)
            else { return false }
            let target = self.promotion(of: change.bundle, before: change.sequence)
            return target.map { $0.sequence < left.sequence } ?? true
        }
    }

    /// The promotion of the bundle that the stage had before the present one.
    func before(_ current: LedgerEntry) -> LedgerEntry? {
        let present = promotion(of: current.bundle)?.sequence ?? current.sequence
        return changes.first {
            $0.kind == .promotion && $0.bundle != current.bundle && $0.sequence < present
                && !wasTakenBack($0)
        }
    }
}
