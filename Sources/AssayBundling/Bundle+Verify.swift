public import AssayCore
public import AssayStore

extension Bundle {
    /// Something of a bundle that is not what its digest says.
    public struct Damage: Sendable {
        /// What is hurt: a file's path, `the manifest`, `the config` or `the map of its files`.
        public let name: String
        /// Its digest.
        public let digest: Digest
        /// What is wrong with it.
        public let error: AssayError
    }

    /// Hashes everything of the bundle again and names what is hurt; nothing if all is well.
    ///
    /// Costs reading every byte. Throws only what stops the reading as such.
    public func verify(store: Store) throws(AssayError) -> [Damage] {
        var damages: [Damage] = []
        func check(
            _ name: String, _ digest: Digest, _ body: () throws(AssayError) -> Void
        ) throws(AssayError) {
            do throws(AssayError) {
                try body()
            } catch {
                switch error.code {
                case .digestMismatch, .damaged, .notFound, .invalidDocument:
                    damages.append(Damage(name: name, digest: digest, error: error))
                default: throw error
                }
            }
        }
        try check("the manifest", manifest) { () throws(AssayError) in
            try store.verify(manifest)
        }
        try check("the config", id) { () throws(AssayError) in
            try store.verify(id)
        }
        if damages.isEmpty {
            try check("the map of its files", manifest) { () throws(AssayError) in
                _ = try store.artifact(manifest)
            }
        }
        for file in files {
            try check(file.path, file.digest) { () throws(AssayError) in
                try store.verify(file)
            }
        }
        return damages
    }
}
