import AssayConfiguration
import AssayCore

/// What DVC says of one output: its content by MD5.
///
/// Format of `.dvc` files and `dvc.lock`: https://dvc.org/doc/user-guide/project-structure
struct DVCPointer: Hashable {
    /// 32 hexadecimal digits.
    let md5: String
    /// Whether the content is a list of files, itself kept under the digits and `.dir`.
    let isDirectory: Bool
    /// Whether it was written by DVC 3, which hashes the bytes as they are; earlier versions took
    /// carriage returns out of texts.
    let isPlain: Bool

    /// One file of a directory.
    struct Member: Hashable {
        let path: String
        let md5: String
    }

    private init(_ md5: String, isPlain: Bool) throws(AssayError) {
        isDirectory = md5.hasSuffix(".dir")
        let digits = isDirectory ? String(md5.dropLast(4)) : md5
        guard Self.isHash(digits) else {
            throw AssayError(.invalidDocument, "`\(md5)` is not a hash of DVC's")
        }
        self.md5 = digits
        self.isPlain = isPlain
    }

    private static func isHash(_ text: String) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// The output called `name` of a `.dvc` file; `nil` if it has none.
    static func read(
        _ bytes: [UInt8], output name: String, file: String
    ) throws(AssayError) -> DVCPointer? {
        let root = try ConfigurationDocument.parse(bytes, file: file, maximumBytes: 1 << 24)
        guard let outputs = try root.optional("outs") else { return nil }
        return try find(name, in: outputs)
    }

    /// The output called `name` of any stage of a `dvc.lock`; `nil` if none has it.
    static func readLock(
        _ bytes: [UInt8], output name: String, file: String
    ) throws(AssayError) -> DVCPointer? {
        let root = try ConfigurationDocument.parse(bytes, file: file, maximumBytes: 1 << 24)
        guard let stages = try root.optional("stages") else { return nil }
        for stage in try stages.entries() {
            if let outputs = try stage.value.optional("outs"),
                let found = try find(name, in: outputs)
            {
                return found
            }
        }
        return nil
    }

    private static func find(
        _ name: String, in outputs: ConfigurationNode
    ) throws(AssayError) -> DVCPointer? {
        for output in try outputs.sequence() {
            guard let path = try output.optional("path"), try path.text() == name,
                let hash = try output.optional("md5")
            else { continue }
            do throws(AssayError) {
                return try DVCPointer(
                    try hash.text(), isPlain: try output.optional("hash") != nil)
            } catch {
                throw hash.failure(error.message)
            }
        }
        return nil
    }

    /// The files of a directory from its list, `[{"md5": …, "relpath": …}]`.
    static func members(_ bytes: [UInt8], file: String) throws(AssayError) -> [Member] {
        let root = JSONReader(try JSONParser.parse(bytes, file: file), document: file)
        var members: [Member] = []
        for element in try root.elements() {
            let member = Member(
                path: try element["relpath"].path(), md5: try element["md5"].string())
            guard isHash(member.md5) else { throw element["md5"].mismatch("a hash of DVC's") }
            members.append(member)
        }
        return members
    }
}
