import AssayCapture
public import AssayCore
public import SystemPackage

extension ReplayPlan {
    /// A file of answers to calls of dependencies which were not recorded.
    public struct SuppliedFile: Hashable, Sendable {
        /// Where it is, and the digest of the bytes that it had when the plan was made.
        public var path: FilePath, digest: Digest

        public init(path: FilePath, digest: Digest) {
            self.path = path
            self.digest = digest
        }

        /// Its name, as it is shown.
        public var name: String { path.lastComponent?.string ?? path.string }

        /// Reads it. Throws what `SuppliedCalls.read` does, and `.conflict` if it was changed since.
        func read() throws(AssayError) -> SuppliedCalls {
            let calls = try SuppliedCalls.read(path)
            guard calls.digest == digest else {
                throw AssayError(
                    .conflict, "\(path) was changed after the replay was started",
                    hint: "start it again")
            }
            return calls
        }
    }
}
