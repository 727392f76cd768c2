import AssayConfiguration
public import AssayCore

extension PinFile {
    /// Reads `assay.lock`, strictly. The order of the pins is free, since git merges lines.
    ///
    /// `file` names the document in errors, which carry line and column. Throws `.limit` for more than
    /// `maximumBytes`.
    public static func parse(_ bytes: [UInt8], file: String) throws(AssayError) -> PinFile {
        try refuseConflict(bytes, file: file)
        let root = try ConfigurationDocument.parse(bytes, file: file, maximumBytes: maximumBytes)
            .mapping(allowing: ["schema", "pins"])
        let schema = try root.member("schema")
        guard try schema.text() == Self.schema else {
            throw schema.failure("the schema is not \(Self.schema), which this version reads")
        }
        var result = PinFile()
        for element in try root.member("pins").sequence() {
            let fields = try element.mapping(allowing: ["path", "kind", "size", "digest"])
            let pathNode = try fields.member("path")
            let path = try pathNode.path()
            guard result[path] == nil else {
                throw pathNode.failure(
                    "\(path) is pinned twice",
                    hint: "keep the line that is meant, or run `assay track \(path)` again")
            }
            let digestNode = try fields.member("digest")
            guard let digest = Digest(try digestNode.text()) else {
                throw digestNode.failure(
                    "this is not a digest, as sha256: and 64 hexadecimal digits")
            }
            let sizeNode = try fields.member("size")
            let size = try sizeNode.integer()
            guard size >= 0 else { throw sizeNode.failure("a size is not negative") }
            let kindNode = try fields.member("kind")
            guard let kind = Kind(rawValue: try kindNode.choice(of: Kind.allCases.map(\.rawValue)))
            else {
                throw kindNode.failure("this is not a kind of pin")
            }
            result[path] = Pin(digest: digest, size: size, kind: kind)
        }
        return result
    }

    /// A merge that left its marks is the likeliest damage, and worth words of its own.
    private static func refuseConflict(_ bytes: [UInt8], file: String) throws(AssayError) {
        var line = 1
        var start = bytes.startIndex
        while start < bytes.endIndex {
            if bytes[start...].starts(with: "<<<<<<< ".utf8) {
                throw AssayError(
                    .invalidDocument, "an unresolved merge conflict begins here",
                    hint:
                        "keep the line of each file that is meant, or take one side and run `assay track` again",
                    at: SourceLocation(file: file, line: line, column: 1))
            }
            guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { return }
            start = end + 1
            line += 1
        }
    }
}
