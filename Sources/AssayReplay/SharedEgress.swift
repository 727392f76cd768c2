/// What any exchange, or none, may be answered with.
struct SharedEgress: Sendable {
    /// Recorded answers; the first of each key, up to a size.
    var recorded: [EgressAsk: [UInt8]] = [:]
    /// Answers to calls that were not recorded.
    var supplied: EgressSupply?
}
