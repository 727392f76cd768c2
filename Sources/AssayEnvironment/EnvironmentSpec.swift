/// What a service declares about the environment it runs in.
public struct EnvironmentSpec: Hashable, Sendable {
    /// How the environment comes about.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Built from a lock with hashes, by us.
        case venv
        /// Whatever this machine has: recorded, but not controlled.
        case host
        /// A container image, by digest.
        case image
    }

    /// How the environment comes about.
    public var kind: Kind
    /// The version of Python; a virtual environment needs one.
    public var python: PythonVersion?
    /// The lock's bytes, `nil` where there is none.
    public var lock: [UInt8]?
    /// The lock's name, for messages.
    public var lockFile: String
    /// The variables the service is given.
    public var variables: [String: String]
    /// The names of the variables whose values come from the caller and are never recorded.
    public var secrets: [String]
    /// The image's reference, for kind `image`.
    public var image: String?

    /// Describes an environment.
    public init(
        kind: Kind, python: PythonVersion?, lock: [UInt8]?, lockFile: String = "requirements.lock",
        variables: [String: String] = [:], secrets: [String] = [], image: String? = nil
    ) {
        self.kind = kind
        self.python = python
        self.lock = lock
        self.lockFile = lockFile
        self.variables = variables
        self.secrets = secrets
        self.image = image
    }
}
