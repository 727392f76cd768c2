import AssayCore

extension AssayError {
    /// The error itself if it is one of ours; else one around it, in the words of an attempt.
    static func wrapping(_ error: any Error, _ attempt: String) -> AssayError {
        if let error = error as? AssayError { return error }
        if error is CancellationError { return AssayError(.interrupted, "stopped: \(attempt)") }
        return AssayError(.io, attempt, cause: error)
    }
}
