public import AssayCore
public import AssaySystem
public import SystemPackage

/// How one arm is served: everything that is needed to start its process.
public struct ArmPlan: Hashable, Sendable {
    /// Which of the live arms it is.
    public var role: Role
    /// The bundle that it serves; `nil` for a service that runs already.
    public var bundle: Digest?
    /// Where the service that runs already listens; `nil` for one that is started here.
    public var address: ServiceAddress?
    /// Where the bundle is laid out; the service's working directory, never written to.
    public var directory: FilePath
    /// The serve command; `{port}` and `{python}` in its words are filled in.
    public var command: [String]
    /// The interpreter of the bundle's environment, when it has one.
    public var python: FilePath?
    /// The root of the bundle's environment; its `bin` leads the search path.
    public var environmentRoot: FilePath?
    /// The image that the service sees as its file system; `nil` for this machine's own.
    public var image: ImageView?
    /// The declared environment variables.
    public var variables: [String: String]
    /// Names of variables whose values are taken from our own environment.
    public var secrets: [String]
    /// When the service counts as ready.
    public var ready: Readiness
    /// How long it may take to get ready.
    public var readyTimeout: Duration
    /// The dependencies that are answered from the capture.
    public var egress: [Egress]
    /// Facts of the environment by key, for the evidence.
    public var facts: [String: String]

    /// Makes a plan for an arm.
    public init(
        role: Role, bundle: Digest?, directory: FilePath, command: [String],
        python: FilePath? = nil, environmentRoot: FilePath? = nil,
        image: ImageView? = nil, variables: [String: String] = [:], secrets: [String] = [],
        ready: Readiness = .tcp,
        readyTimeout: Duration = .seconds(60), egress: [Egress] = [],
        facts: [String: String] = [:]
    ) {
        self.role = role
        self.bundle = bundle
        self.directory = directory
        self.command = command
        self.python = python
        self.environmentRoot = environmentRoot
        self.image = image
        self.variables = variables
        self.secrets = secrets
        self.ready = ready
        self.readyTimeout = readyTimeout
        self.egress = egress
        self.facts = facts
    }

    /// Makes a plan for an arm that runs already. Nothing is known of it but where it listens.
    public init(role: Role, address: ServiceAddress) {
        self.init(
            role: role, bundle: nil, directory: ".", command: [],
            facts: ["url": address.url])
        self.address = address
    }

    /// What a live arm is there for; ordered as evidence lists them.
    public struct Role: RawRepresentable, Hashable, Sendable, Comparable {
        /// The arm's name in evidence: `baseline`, `repeat`, `repeat-2` and so on, `candidate`.
        public let rawValue: String
        private let place: Int

        /// The bundle that is compared with.
        public static let baseline = Role(name: "baseline", place: 0)
        /// The same bundle once more.
        public static let `repeat` = Role(name: "repeat", place: 1)
        /// The bundle that is asked about.
        public static let candidate = Role(name: "candidate", place: .max)

        /// The baseline's bundle once more, counted from 1.
        public static func repetition(_ number: Int) -> Role {
            Role(name: number == 1 ? "repeat" : "repeat-\(number)", place: number)
        }

        private init(name: String, place: Int) {
            rawValue = name
            self.place = place
        }

        /// The role of that name; `nil` if there is none.
        public init?(rawValue: String) {
            switch rawValue {
            case "baseline": self = .baseline
            case "candidate": self = .candidate
            case "repeat": self = .repeat
            default:
                guard rawValue.hasPrefix("repeat-"), let number = Int(rawValue.dropFirst(7)),
                    number > 1, rawValue == "repeat-\(number)"
                else { return nil }
                self = .repetition(number)
            }
        }

        /// Whether it is the baseline's bundle once more.
        public var isRepeat: Bool { place > 0 && place < .max }

        public static func < (left: Role, right: Role) -> Bool { left.place < right.place }
    }

    /// What shows that a service is ready.
    public enum Readiness: Hashable, Sendable {
        /// A GET of this path answers with a status from 200 to 299.
        case http(path: String)
        /// The port accepts connections.
        case tcp
        /// A line that contains this text is printed.
        case line(String)
    }

    /// One dependency that the service calls over HTTP.
    public struct Egress: Hashable, Sendable {
        /// Its name in the capture.
        public var name: String
        /// The variable through which the service learns its URL.
        public var variable: String

        public init(name: String, variable: String) {
            self.name = name
            self.variable = variable
        }
    }
}
