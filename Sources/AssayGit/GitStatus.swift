import AssayCore
import CLibgit2

/// Turns the statuses of libgit2 into errors, with its own message from the same thread.
enum GitStatus {
    /// Throws unless `status` is success.
    static func check(
        _ status: Int32, _ attempt: @autoclosure () -> String
    ) throws(AssayError) {
        guard status < 0 else { return }
        throw error(status, attempt())
    }

    /// The error for a status.
    static func error(_ status: Int32, _ attempt: String) -> AssayError {
        let message = unsafe git_error_last().flatMap { pointer -> String? in
            guard let text = unsafe pointer.pointee.message else { return nil }
            return unsafe String(cString: text)
        }
        let reason = message ?? "libgit2 status \(status)"
        switch git_error_code(status) {
        case GIT_ENOTFOUND: return AssayError(.notFound, "\(attempt): \(reason)")
        case GIT_EAMBIGUOUS: return AssayError(.ambiguous, "\(attempt): \(reason)")
        case GIT_EMODIFIED, GIT_EEXISTS, GIT_ELOCKED:
            return AssayError(.conflict, "\(attempt): \(reason)")
        case GIT_EOWNER:
            return AssayError(
                .repository, "\(attempt): the directory belongs to another user",
                hint: "git config --global --add safe.directory <that directory>")
        default: return AssayError(.repository, "\(attempt): \(reason)")
        }
    }
}
