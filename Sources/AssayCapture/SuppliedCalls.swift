public import AssayCore
import AssaySystem
public import SystemPackage

/// Answers of dependencies to calls that no capture holds, written by hand: a file of one line of JSON
/// for each.
///
/// The members of a line are those of a call in the lines that `capture export` writes, so that calls
/// of another recording can be taken as they are; a request or response may also be an object of its
/// parts.
public struct SuppliedCalls: Sendable {
    /// The file's last name, as it is shown.
    public let name: String
    /// The digest of the file's bytes.
    public let digest: Digest
    /// What the lines say, in their order.
    public let calls: [Call]

    /// One line.
    public struct Call: Hashable, Sendable {
        /// The line, from 1.
        public var line: Int
        /// The dependency's name in `assay.yaml`.
        public var name: String
        /// A whole request; without its body where `bodyDigest` tells that.
        public var request: HTTPMessage
        /// The digest of the request's body, where the line has that and no body.
        public var bodyDigest: Digest?
        /// A whole response.
        public var response: [UInt8]
        /// How long it takes, in nanoseconds; `nil` where the line does not say it.
        public var latency: Int64?
    }

    /// A file has no more bytes and answers.
    public static let sizeLimit = 64 << 20, lineLimit = 100_000

    /// Reads a file. Empty lines are passed over.
    ///
    /// Throws `.invalidDocument` with line and column for a line that is no call, for two that ask the
    /// same, and for a file without a call; `.limit` for one that is too large.
    public static func read(_ path: FilePath) throws(AssayError) -> SuppliedCalls {
        let bytes: [UInt8]
        do throws(AssayError) {
            bytes = try FileSystem.read(path, limit: sizeLimit)
        } catch {
            guard error.code == .limit else { throw error }
            throw AssayError(
                .limit, "\(path) has more than the 64 MiB that a file of answers may have",
                hint:
                    "record the new calls into a capture instead: `assay capture record --egress`",
                cause: error)
        }
        return try parse(bytes, path: path.string)
    }

    /// Reads the bytes of a file; see the other.
    static func parse(
        _ bytes: [UInt8], path: String, lineLimit: Int = lineLimit
    ) throws(AssayError) -> SuppliedCalls {
        var reader = try SuppliedCallReader(file: path)
        var calls: [Call] = []
        var places: [SuppliedCallKey: Int] = [:]
        var rest = bytes[...]
        var line = 0
        while !rest.isEmpty {
            let text = rest[..<(rest.firstLineFeed ?? rest.endIndex)]
            rest = rest[min(text.endIndex + 1, rest.endIndex)...]
            line += 1
            guard text.contains(where: { ![0x20, 0x09, 0x0D].contains($0) }) else { continue }
            guard calls.count < lineLimit else {
                throw AssayError(
                    .limit, "\(path) has more than \(lineLimit) answers",
                    hint: "record the new calls into a capture instead: `assay capture record "
                        + "--egress`")
            }
            let call = try reader.call(text, line: line)
            let key = SuppliedCallKey(call)
            if let other = places[key] {
                throw AssayError(
                    .invalidDocument, "the line asks what line \(other) asks",
                    hint: "keep one of the two",
                    at: SourceLocation(file: path, line: line, column: 1))
            }
            places[key] = line
            calls.append(call)
        }
        guard !calls.isEmpty else {
            throw AssayError(.invalidDocument, "\(path) has no line with an answer")
        }
        return SuppliedCalls(
            name: FilePath(path).lastComponent?.string ?? path, digest: Digest(of: bytes),
            calls: calls)
    }
}

/// What tells one supplied call from another.
private struct SuppliedCallKey: Hashable {
    let name: String, method: String, target: String
    let body: Digest

    init(_ call: SuppliedCalls.Call) {
        name = call.name
        method = call.request.head.method
        target = call.request.head.target
        body = call.bodyDigest ?? Digest(of: call.request.body)
    }
}
