import AssayCore

extension AnswerPlaces {
    var json: JSONValue {
        .object(present: [
            "exchanges": JSONValue(exchanges),
            "values": values.map { .object($0.mapValues { JSONValue($0) }) },
            "starred": starred.isEmpty ? nil : JSONValue(starred),
        ])
    }

    init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["exchanges", "values", "starred"])
        self.init(
            exchanges: try reader["exchanges"].count(),
            values: try reader["values"].ifPresent?.countMap(),
            starred: try reader["starred"].ifPresent?.strings() ?? [])
    }
}
