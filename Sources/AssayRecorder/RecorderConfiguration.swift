public import AssayCapture
public import AssayCore
public import SystemPackage

/// What a recorder does.
public struct RecorderConfiguration: Sendable {
    /// A dependency of the service, recorded on the way to it.
    public struct Egress: Hashable, Sendable {
        /// Its name in `assay.yaml`.
        public var name: String
        /// Where the recorder listens for the service's calls.
        public var listen: Upstream
        /// Where it passes them on to.
        public var upstream: Upstream

        /// Makes an egress.
        public init(name: String, listen: Upstream, upstream: Upstream) {
            self.name = name
            self.listen = listen
            self.upstream = upstream
        }
    }

    /// Where clients connect to; port 0 takes a free one.
    public var listen: Upstream
    /// The service.
    public var upstream: Upstream
    /// The dependencies.
    public var egress: [Egress] = []
    /// A PEM file of the certificate authorities that upstreams in TLS are held against; `nil` for those
    /// of the system.
    public var authorities: FilePath?
    /// How session, trace, key, route and slices are found.
    public var rules = ExchangeRules()
    /// The bundle that answers, where the response has no `X-Assay-Bundle`.
    public var bundle: Digest?
    /// Which exchanges are kept; `nil` for all.
    public var sample: ExchangeSample?
    /// Changes an exchange before it is written, as to redact it, and gives notes that are counted;
    /// called one exchange at a time. An exchange for which it throws is not kept, and counted as
    /// unsupported.
    public var prepare: (@Sendable (inout Exchange) throws(AssayError) -> [String])?
    /// The journal; one that is there is continued.
    public var journal: FilePath
    /// How large the journal may grow in bytes; what comes later is counted as skipped. `nil`: without
    /// end.
    public var maximumSize: Int?
    /// At which size in bytes a journal is put aside for another, and what is done with it then, one
    /// after the other and beside the traffic. `nil`: never.
    public var rotation: Rotation?

    /// Journals that are put aside.
    public struct Rotation: Sendable {
        /// The size in bytes.
        public var size: Int
        /// What is done with a journal that was put aside, and is whole.
        public var finished: @Sendable (FilePath) -> Void

        /// Makes a rotation.
        public init(size: Int, finished: @escaping @Sendable (FilePath) -> Void) {
            self.size = size
            self.finished = finished
        }
    }
    /// Whether addresses that other machines reach may be listened on.
    public var allowsRemoteClients = false
    /// The largest request or response in bytes that is kept.
    public var messageLimit = 16 << 20
    /// How many bytes the recorder holds in all, before it drops recordings.
    public var bufferLimit = 256 << 20
    /// How long exchanges in flight are waited for at the end.
    public var drainTimeout = Duration.seconds(5)
    /// Threads that pass traffic on.
    public var threads = 2

    /// Makes a configuration of what there is no default for.
    public init(listen: Upstream, upstream: Upstream, journal: FilePath) {
        self.listen = listen
        self.upstream = upstream
        self.journal = journal
    }
}
