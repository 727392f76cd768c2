import AssayCore

/// What is known of a table after one pass over it.
struct TableSummary {
    /// The columns, in the order of the table.
    private(set) var columns: [ColumnSummary] = []
    private(set) var rows = 0
    /// Rows with more or fewer fields than there are columns.
    private(set) var ragged = 0
    /// The sum of the hashes of all rows: equal for equal rows in any order.
    private(set) var content: UInt64 = 0
    private var positions: [String: Int] = [:]

    /// More columns than this are no table that a person compares.
    static let maximumColumns = 20_000

    mutating func addColumn(_ name: String) throws(AssayError) {
        guard columns.count < Self.maximumColumns else {
            throw AssayError(.limit, "the table has more than \(Self.maximumColumns) columns")
        }
        var unique = name
        var number = 2
        while positions[unique] != nil {
            unique = "\(name)#\(number)"
            number += 1
        }
        positions[unique] = columns.count
        columns.append(ColumnSummary(name: unique))
    }

    func position(of name: String) -> Int? { positions[name] }

    mutating func add(_ field: TableField, bytes: UnsafeRawBufferPointer, to column: Int) {
        switch field {
        case .null: columns[column].addNull()
        case .integer(let value):
            columns[column].add(
                integer: value, hash: unsafe ByteHash.hash(bytes),
                text: unsafe Self.text(bytes))
        case .real(let value):
            columns[column].add(
                real: value, hash: unsafe ByteHash.hash(bytes), text: unsafe Self.text(bytes))
        case .boolean:
            columns[column].add(
                boolean: unsafe ByteHash.hash(bytes), text: unsafe Self.text(bytes))
        case .text:
            columns[column].add(text: unsafe ByteHash.hash(bytes), text: unsafe Self.text(bytes))
        }
    }

    mutating func addNull(to column: Int) { columns[column].addNull() }

    mutating func endRow(hash: UInt64, isRagged: Bool) {
        rows += 1
        content &+= ByteHash.mix(hash)
        if isRagged { ragged += 1 }
    }

    /// Rows that came before a column did have nothing in it.
    mutating func fillNulls() {
        for index in columns.indices {
            for _ in 0..<max(0, rows - columns[index].count - columns[index].nulls) {
                columns[index].addNull()
            }
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix(80), as: UTF8.self)
    }

    var json: JSONValue {
        [
            "rows": JSONValue(rows), "ragged_rows": JSONValue(ragged),
            "columns": .array(columns.map(\.json)),
        ]
    }
}
