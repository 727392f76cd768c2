import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// The record of every change of a ref: one canonical JSON line each, chained by digests.
///
/// `previous` is the SHA-256 of the line before, without its line break, so that a line cannot be
/// taken out or changed unseen. Written under the store's lock.
struct RefLog {
    let path: FilePath

    /// Appends a change and makes it durable. A last line that a crash cut short is cut off first:
    /// its change never happened.
    func append(name: String, old: Digest?, new: Digest?, sequence: Int) throws(AssayError) {
        let file = try OpenFile.open(path, flags: O_RDWR | O_CREAT, mode: 0o644)
        let size = try file.status().size
        let tail = try file.read(
            count: min(size, Self.longestLine), at: size - min(size, Self.longestLine))
        let end = tail.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let lines = tail[..<end].split(separator: UInt8(ascii: "\n"))
        let line: JSONValue = .object(present: [
            "ref": JSONValue(name), "sequence": JSONValue(sequence),
            "old": old.map { JSONValue($0) },
            "new": new.map { JSONValue($0) },
            "previous": lines.last.map { JSONValue(Digest(of: $0)) },
        ])
        let whole = size - (tail.count - end)
        guard ftruncate(file.rawDescriptor, off_t(whole)) == 0,
            lseek(file.rawDescriptor, off_t(whole), SEEK_SET) >= 0
        else { throw FileSystem.error("could not cut the torn end off", path) }
        try file.write(CanonicalJSON.encode(line) + [UInt8(ascii: "\n")])
        try file.sync()
    }

    /// Longer than any line: a name has at most 512 bytes, and three digests go with it.
    private static let longestLine = 4096
}
