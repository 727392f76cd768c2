public import AssayCore
import AssayGit

extension Ledger {
    /// The services that anything was ever promoted of, sorted.
    public func services() throws(AssayError) -> [String] {
        guard let head = try repository.reference(Self.reference) else { return [] }
        var found: Set<String> = []
        for file in try repository.files(at: head) {
            let parts = file.path.split(separator: "/")
            if parts.count == 3, parts[1] == "stages" { found.insert(String(parts[0])) }
        }
        return found.sorted()
    }
}
