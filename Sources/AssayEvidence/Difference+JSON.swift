public import AssayCore

extension Difference {
    /// The difference as a JSON object.
    public var json: JSONValue {
        .object(present: [
            "path": .string(path), "kind": .string(kind.name), "old": old.map(JSONValue.string),
            "new": new.map(JSONValue.string),
        ])
    }

    /// Reads a difference; throws `.invalidDocument` with the place of the fault.
    public init(json reader: JSONReader) throws(AssayError) {
        try reader.allow(only: ["path", "kind", "old", "new"])
        self.init(
            path: try reader["path"].string(), kind: try reader["kind"].differenceKind(),
            old: try reader["old"].ifPresent?.string(), new: try reader["new"].ifPresent?.string())
    }
}
