import AssayCore
import AssayStore

extension Bundle {
    /// The first symlink that must not be in a bundle, by path, and why; `nil` if all may be.
    ///
    /// Costs reading every link's target.
    func linkFault(store: Store) throws(AssayError) -> (path: String, reason: String)? {
        var targets: [String: String] = [:]
        for file in files where file.mode == .symlink {
            targets[file.path] = String(decoding: try store.contents(of: file), as: UTF8.self)
        }
        let map = LinkMap(targets: targets)
        for file in files {
            if let reason = map.fault(at: file.path) { return (file.path, reason) }
        }
        return nil
    }
}
