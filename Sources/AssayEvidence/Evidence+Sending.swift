import AssayCore

extension Evidence {
    /// How the driver kept its own schedule.
    public struct Sending: Hashable, Sendable {
        /// Exchanges that were sent.
        public var exchanges: Int
        /// From the first request to the last answer, in nanoseconds. Of merged shards: the longest.
        public var nanoseconds: Int64
        /// How late requests were sent, in nanoseconds, by quantile: p50, p99, max. Empty where none
        /// was due at a time.
        public var lateness: [String: Int64]

        public init(exchanges: Int, nanoseconds: Int64, lateness: [String: Int64]) {
            self.exchanges = exchanges
            self.nanoseconds = nanoseconds
            self.lateness = lateness
        }

        /// Exchanges per second; `nil` for none.
        public var rate: Double? {
            nanoseconds > 0 && exchanges > 0 ? Double(exchanges) / (Double(nanoseconds) / 1e9) : nil
        }
    }
}

extension Evidence.Sending {
    var json: JSONValue {
        [
            "exchanges": JSONValue(exchanges), "nanoseconds": .integer(nanoseconds),
            "lateness": .object(lateness.mapValues(JSONValue.integer)),
        ]
    }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["exchanges", "nanoseconds", "lateness"])
        self.init(
            exchanges: try reader["exchanges"].count(),
            nanoseconds: Int64(try reader["nanoseconds"].count()),
            lateness: try reader["lateness"].countMap().mapValues { Int64($0) })
    }
}
