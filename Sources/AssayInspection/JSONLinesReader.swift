import AssayCore
import SystemPackage

/// Summarises JSON Lines: each line an object, its members the columns; those of objects within
/// are named with a `/` between.
struct JSONLinesReader {
    private var table = TableSummary()
    private let path: FilePath
    private var line = 0

    private static let maximumLine = 64 << 20

    static func summarise(_ path: FilePath) throws(AssayError) -> TableSummary {
        var lines = try LineStream(path, limit: maximumLine)
        var reader = JSONLinesReader(path: path)
        while let line = try lines.next() { try reader.take(line) }
        reader.table.fillNulls()
        return reader.table
    }

    private init(path: FilePath) {
        self.path = path
    }

    private mutating func take(_ bytes: [UInt8]) throws(AssayError) {
        line += 1
        guard bytes.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { return }
        let value = try JSONParser.parse(bytes, file: "\(path):\(line)")
        guard case .object(let members) = value else {
            throw AssayError(
                .invalidDocument, "line \(line) of \(path) is \(value.typeName), not an object")
        }
        try collect(members, prefix: "")
        let canonical = CanonicalJSON.encode(value)
        let hash = unsafe canonical.withUnsafeBytes { unsafe ByteHash.hash($0) }
        table.endRow(hash: hash, isRagged: false)
    }

    private mutating func collect(
        _ members: [String: JSONValue], prefix: String
    ) throws(AssayError) {
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            let name = prefix + key
            if case .object(let inner) = value, !inner.isEmpty {
                try collect(inner, prefix: name + "/")
                continue
            }
            if table.position(of: name) == nil { try table.addColumn(name) }
            guard let column = table.position(of: name) else { continue }
            let field: TableField =
                switch value {
                case .null: .null
                case .bool: .boolean
                case .integer(let number): .integer(Double(number))
                case .double(let number): .real(number)
                case .string, .array, .object: .text
                }
            let text = Self.bytes(value)
            unsafe text.withUnsafeBytes { unsafe table.add(field, bytes: $0, to: column) }
        }
    }

    private static func bytes(_ value: JSONValue) -> [UInt8] {
        if case .string(let text) = value { return Array(text.utf8) }
        return CanonicalJSON.encode(value)
    }
}
