import ArgumentParser
import AssayCore

/// The exit codes of the command line; they are part of its interface.
enum ExitStatus: Int32 {
    case pass = 0
    /// Blocked, or a difference was found.
    case blocked = 1
    /// Bad usage, configuration or policy.
    case usage = 2
    /// Not enough evidence, or something is pending.
    case hold = 3
    /// It could not be evaluated.
    case unevaluated = 4
    case interrupted = 130

    /// The exit code of an error.
    init(_ error: AssayError) {
        self =
            switch error.code {
            case .usage, .invalidDocument, .ambiguous, .notFound, .repository, .unsupported: .usage
            case .interrupted: .interrupted
            default: .unevaluated
            }
    }

    /// Ends the command with this status, having printed what there was to say.
    var asError: ExitCode { ExitCode(rawValue) }
}
