import Synchronization

/// How many bytes a recorder may hold in memory; shared by all connections and the journal.
final class RecordingBudget: Sendable {
    private let held = Atomic<Int>(0)
    let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// The bytes held now.
    var count: Int { held.load(ordering: .relaxed) }

    /// Takes `bytes`; gives false, and takes nothing, when that is more than there is.
    func reserve(_ bytes: Int) -> Bool {
        let (_, now) = held.add(bytes, ordering: .relaxed)
        if now <= limit { return true }
        release(bytes)
        return false
    }

    /// Gives bytes back.
    func release(_ bytes: Int) {
        held.subtract(bytes, ordering: .relaxed)
    }
}
