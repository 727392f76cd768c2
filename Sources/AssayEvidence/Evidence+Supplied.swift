public import AssayCore

extension Evidence {
    /// Answers of dependencies to calls that were not recorded, from a file of a person.
    public struct Supplied: Hashable, Sendable {
        /// The file's last name, the digest of its bytes, and how many answers it has.
        public var name: String, digest: Digest, lines: Int
        /// Calls that it answered, by arm; of calls within exchanges that were not sent again.
        public var answered: [String: Int]
        /// Lines that no call asked for, those that follow each other joined.
        public var unused: [ClosedRange<Int>]

        public init(
            name: String, digest: Digest, lines: Int, answered: [String: Int],
            unused: [ClosedRange<Int>]
        ) {
            self.name = name
            self.digest = digest
            self.lines = lines
            self.answered = answered
            self.unused = unused
        }

        /// Whether no call asked for a line. Costs a binary search.
        public func isUnused(line: Int) -> Bool {
            var low = 0
            var high = unused.count
            while low < high {
                let middle = (low + high) / 2
                if unused[middle].upperBound < line { low = middle + 1 } else { high = middle }
            }
            return low < unused.count && unused[low].contains(line)
        }

        /// Says how many calls of whom it answered.
        public var sentence: String {
            let counts = answered.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map {
                "\($0.value) call\($0.value == 1 ? "" : "s") of \($0.key)"
            }
            let isOne = answered.values.reduce(0, +) == 1
            let what =
                counts.isEmpty
                ? "no call was" : counts.joined(separator: " and ") + (isOne ? " was" : " were")
            return "\(what) answered from \(name) (\(digest.short)), not from the recording"
        }

        /// Says which lines were never asked for; `nil` if all were.
        public var unusedSentence: String? {
            guard !unused.isEmpty else { return nil }
            let shown = unused.prefix(10).map { range in
                range.count == 1
                    ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
            }
            let more = unused.count > 10 ? " and others" : ""
            let isOne = unused.count == 1 && unused[0].count == 1
            return "\(isOne ? "line" : "lines") \(shown.joined(separator: ", "))\(more) of \(name) "
                + "\(isOne ? "was" : "were") never asked for"
        }
    }
}

extension Evidence.Supplied {
    var json: JSONValue {
        [
            "name": .string(name), "digest": JSONValue(digest), "lines": JSONValue(lines),
            "answered": .object(answered.mapValues { JSONValue($0) }),
            "unused": .array(
                unused.map { .array([JSONValue($0.lowerBound), JSONValue($0.upperBound)]) }),
        ]
    }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["name", "digest", "lines", "answered", "unused"])
        var unused: [ClosedRange<Int>] = []
        for pair in try reader["unused"].elements() {
            let numbers = try pair.elements()
            guard numbers.count == 2 else { throw pair.mismatch("a first and a last line") }
            let (first, last) = (try numbers[0].count(), try numbers[1].count())
            guard first <= last, first > unused.last?.upperBound ?? 0 else {
                throw pair.mismatch("a first and a last line, behind the pair before")
            }
            unused.append(first...last)
        }
        self.init(
            name: try reader["name"].string(), digest: try reader["digest"].digest(),
            lines: try reader["lines"].count(), answered: try reader["answered"].countMap(),
            unused: unused)
    }
}
