import AssaySystem

/// Runs what waits in system calls on a thread of its own. The threads of Swift's tasks are as few as the
/// machine's processors: two tests that block them stop a server that a third is to be answered by.
public func blocking<R: Sendable>(
    _ body: @escaping @Sendable () throws -> R
) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
        do {
            try JoinableThread { continuation.resume(with: Result(catching: body)) }.detach()
        } catch {
            continuation.resume(throwing: error)
        }
    }
}
