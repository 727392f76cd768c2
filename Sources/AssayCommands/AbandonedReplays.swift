import AssayCore
import AssayStore
import AssaySystem
import SystemPackage

/// What replays kept to go on from, and nobody went on from.
enum AbandonedReplays {
    /// How old it is when it is let go, in seconds.
    static let age: Int64 = 30 * 86_400

    /// Lets go of the answers and the partial evidence of a service that were kept last longer ago than
    /// that, but for some names. `now` is in seconds since 1970. The blobs stay until `store gc`.
    static func forget(
        of service: String, but used: [String], now: Int64, store: Store
    ) throws(AssayError) {
        let partial = "evidence/\(service)/partial-"
        let kept =
            try store.refs(in: "answers/\(service)")
            + store.refs(in: "evidence/\(service)").filter { $0.name.hasPrefix(partial) }
        for (name, ref) in kept where !used.contains(name) {
            // A ref's file is written whenever it is set to something else.
            let path = store.root.appending("refs/\(name)")
            guard let status = try FileSystem.status(of: path),
                status.modified / 1_000_000_000 < now - age
            else { continue }
            do throws(AssayError) {
                try store.deleteRef(name, expecting: .exactly(ref))
            } catch  where error.code == .conflict {
                // Somebody goes on from it after all, or has let it go.
            }
        }
    }
}
