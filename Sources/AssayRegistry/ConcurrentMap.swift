import AssayCore

/// Maps elements with at most `limit` of them in work at once; the results are in the order of the
/// elements. The first error cancels the rest.
func concurrentMap<Element: Sendable, Result: Sendable>(
    _ elements: [Element], limit: Int,
    _ transform: @escaping @Sendable (Element) async throws(AssayError) -> Result
) async throws(AssayError) -> [Result] {
    do {
        return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            var results: [Result?] = elements.map { _ in nil }
            var next = 0
            func start() {
                guard next < elements.count else { return }
                let (index, element) = (next, elements[next])
                next += 1
                group.addTask { (index, try await transform(element)) }
            }
            for _ in 0..<min(limit, elements.count) { start() }
            while let (index, result) = try await group.next() {
                results[index] = result
                start()
            }
            return results.compactMap { $0 }
        }
    } catch let error as AssayError {
        throw error
    } catch {
        throw AssayError(.interrupted, "the transfer was interrupted")
    }
}
