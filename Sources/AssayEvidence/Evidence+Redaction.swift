public import AssayCore

extension Evidence {
    /// What redaction means for a replay: nothing of what it takes is compared, and answers that depend
    /// on what it took are not production's.
    public struct Redaction: Hashable, Sendable {
        /// Tells the rules from others, and the key of pseudonyms if they give some.
        public var digest: Digest
        /// Places that were dropped from answers or masked, so that a difference there is not seen: JSON
        /// Pointers, `header:NAME` for headers that are compared, `body` for whole bodies.
        public var uncompared: Set<String>
        /// Exchanges that are not held against their recorded answers, by the place that was redacted and
        /// that those depend on; one counts at each of its places.
        public var dependent: [String: Int]

        public init(
            digest: Digest, uncompared: Set<String> = [], dependent: [String: Int] = [:]
        ) {
            self.digest = digest
            self.uncompared = uncompared
            self.dependent = dependent
        }

        /// How to have the redaction of other evidence.
        public static let sameHint =
            "replay and merge with the same rules (`capture.redact` of assay.yaml) and, if one gives "
            + "pseudonyms, the same key: set ASSAY_REDACTION_KEY to it"

        /// Says how many of these exchanges are not held against their recorded answers, and why; `nil` if
        /// all are.
        public func leftOut(of rows: some Sequence<ExchangeOutcome>) -> String? {
            var count = 0
            var places: Set<String> = []
            for row in rows where row.isDependent {
                count += 1
                for place in row.redacted where dependent[place] != nil { places.insert(place) }
            }
            return Self.leftOut(count, places: places)
        }

        /// Says that so many exchanges are not held against their recorded answers, which depend on places;
        /// `nil` for none.
        public static func leftOut(_ count: Int, places: some Sequence<String>) -> String? {
            guard count > 0 else { return nil }
            let places = places.sorted().joined(separator: ", ")
            let subject =
                count == 1
                ? "1 exchange is not held against its recorded answer, which depends"
                : "\(count) exchanges are not held against their recorded answers, which depend"
            return "\(subject) on \(places), redacted in what the service was given"
        }
    }
}

extension Evidence.Redaction {
    var json: JSONValue {
        .object(present: [
            "digest": JSONValue(digest),
            "uncompared": uncompared.isEmpty ? nil : JSONValue(uncompared.sorted()),
            "dependent": dependent.isEmpty
                ? nil : .object(dependent.mapValues { JSONValue($0) }),
        ])
    }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["digest", "uncompared", "dependent"])
        self.init(
            digest: try reader["digest"].digest(),
            uncompared: Set(try reader["uncompared"].ifPresent?.strings() ?? []),
            dependent: try reader["dependent"].ifPresent?.countMap() ?? [:])
    }
}
