public import AssayCapture
public import AssayCore

/// What a recorder has done so far: a snapshot.
public struct RecorderCounters: Sendable {
    /// Connections of clients so far, and those open now.
    public var connections = 0, openConnections = 0
    /// Bytes passed on to the service, and back from it.
    public var bytesUp = 0, bytesDown = 0
    /// Where every exchange went. Kept whole, too large or dropped (`truncated`), not HTTP/1.1
    /// (`unsupported`), left out by the sample (`skipped`); the sums hold.
    public var losses = CaptureLosses()
    /// Connections that the upstream did not take, answered with 502.
    public var refused = 0
    /// Calls of the service that were recorded with their exchange.
    public var egressCalls = 0
    /// Calls that could not be told to belong to one exchange, and calls that were lost as
    /// exchanges are.
    public var egressUnassigned = 0, egressLost = 0
    /// Bytes held in memory now, and how many may be.
    public var buffered = 0, bufferLimit = 0
    /// Why writing the journal failed, if it did; from then on nothing is recorded, and traffic
    /// goes on.
    public var journalFailure: AssayError?

    /// Nothing yet.
    public init() {}
}

/// What a recording came to.
public struct Recording: Sendable {
    /// The last counters.
    public let counters: RecorderCounters
    /// Exchanges in the journal, those from before this recording not counted.
    public let recorded: Int
}
