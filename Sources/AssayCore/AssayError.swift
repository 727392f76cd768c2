/// The one error of the project: a code to switch on, a sentence, a hint and what caused it.
///
/// The sentence says what was attempted, on what, and why it failed; it starts in lower case. The
/// hint is what the person at the terminal can do next, mostly a command.
public struct AssayError: Error, Sendable {
    /// What kind of failure this is; the command line derives its exit code from it.
    public let code: Code
    /// One sentence: what was attempted, on what, and why it failed.
    public let message: String
    /// What to do next, when there is something to do.
    public let hint: String?
    /// Where in a document the fault lies, when it lies in one.
    public let location: SourceLocation?
    /// The error underneath.
    public let cause: (any Error)?

    /// Makes an error.
    public init(
        _ code: Code, _ message: String, hint: String? = nil, at location: SourceLocation? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.location = location
        self.cause = cause
    }

    /// A kind of failure. Open for growth: callers compare with the names they know.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        init(_ rawValue: String) {
            self.rawValue = rawValue
        }
    }
}

extension AssayError.Code {
    /// Arguments, configuration or a policy that cannot be used: exit 2.
    public static let usage = Self("usage")
    /// A document that does not follow its grammar: exit 2.
    public static let invalidDocument = Self("invalid-document")
    /// A name or abbreviation that could mean several things: exit 2.
    public static let ambiguous = Self("ambiguous")
    /// Something named that is not there: exit 2.
    public static let notFound = Self("not-found")
    /// Not inside a git repository, or one that cannot be read: exit 2.
    public static let repository = Self("repository")
    /// A program or library this machine lacks: exit 4.
    public static let missingTool = Self("missing-tool")
    /// The operating system refused: exit 4.
    public static let io = Self("io")
    /// The disk or quota is full: exit 4.
    public static let diskFull = Self("disk-full")
    /// Stored bytes do not have their digest: exit 4.
    public static let digestMismatch = Self("digest-mismatch")
    /// Stored or captured data is damaged or cut short: exit 4.
    public static let damaged = Self("damaged")
    /// A limit on size, depth, count or time was passed: exit 4.
    public static let limit = Self("limit")
    /// Somebody else changed it first: exit 4.
    public static let conflict = Self("conflict")
    /// A service under test did not start, died or hung: exit 4.
    public static let service = Self("service")
    /// The environment is not the locked one, or could not be built: exit 4.
    public static let environment = Self("environment")
    /// A child process failed: exit 4.
    public static let subprocess = Self("subprocess")
    /// The network or a peer failed: exit 4.
    public static let network = Self("network")
    /// Something this version does not do: exit 2.
    public static let unsupported = Self("unsupported")
    /// Stopped by the person or by a signal: exit 130.
    public static let interrupted = Self("interrupted")
}

extension AssayError: CustomStringConvertible {
    public var description: String {
        var text = ""
        if let location { text += "\(location): " }
        text += message
        if let cause { text += ": \(cause)" }
        return text
    }
}
