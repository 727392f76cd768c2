import AssayCore
import CLibgit2

/// The name of a git object: 40 hexadecimal digits.
struct ObjectID: Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ raw: git_oid) {
        var raw = raw
        var buffer = [CChar](repeating: 0, count: 41)
        unsafe git_oid_tostr(&buffer, 41, &raw)
        description = String(
            decoding: buffer.prefix(40).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Reads 40 hexadecimal digits; `nil` for anything else.
    init?(_ text: String) {
        guard text.utf8.count == 40,
            text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
        else { return nil }
        description = text.lowercased()
    }

    var raw: git_oid {
        var oid = git_oid()
        unsafe git_oid_fromstr(&oid, description)
        return oid
    }
}

/// The name of a commit.
public struct CommitID: Hashable, Sendable, CustomStringConvertible {
    let object: ObjectID

    init(_ raw: git_oid) { object = ObjectID(raw) }

    /// Reads 40 hexadecimal digits; `nil` for anything else. Says nothing about its existence.
    public init?(_ text: String) {
        guard let object = ObjectID(text) else { return nil }
        self.object = object
    }

    /// 40 hexadecimal digits.
    public var description: String { object.description }

    /// The first 12 digits, as shown to people.
    public var short: String { String(description.prefix(12)) }
}

/// The name of a blob: the content of one file.
public struct BlobID: Hashable, Sendable, CustomStringConvertible {
    let object: ObjectID

    init(_ raw: git_oid) { object = ObjectID(raw) }

    /// 40 hexadecimal digits.
    public var description: String { object.description }
}
