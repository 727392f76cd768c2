import AssayCore

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

    /// Whether a text is the reference of an image by its digest, `name@sha256:…`.
    ///
    /// The name begins with a letter, a digit or the `[` of an address, so that no tool takes it for
    /// an option.
    public static func isImage(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = parts[0].utf8.first, Digest(parts[1]) != nil else {
            return false
        }
        let isWord = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "["):
                true
            default: false
            }
        }
        return isWord(first)
            && parts[0].utf8.allSatisfy { isWord($0) || "]._-/:".utf8.contains($0) }
    }
}
