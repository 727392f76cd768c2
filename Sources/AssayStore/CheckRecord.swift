import AssayCore
import AssaySystem
import SystemPackage

/// When each blob was hashed last: `cache/checked`, which may be lost without harm.
///
/// Text: `since <seconds>\n` if a full check was begun and not finished, then a line
/// `<64 hex> <seconds>\n` for each blob.
struct CheckRecord {
    var since: Int64?
    var times: [Digest: Int64] = [:]

    /// Reads the record; lines that cannot be read count as not written.
    init(at path: FilePath) throws(AssayError) {
        guard FileSystem.exists(path) else { return }
        let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let time = Int64(parts[1]) else { continue }
            if parts[0] == "since" { since = time }
            if let digest = Digest(hex: parts[0]) { times[digest] = time }
        }
    }

    /// Writes the record, without blobs that are gone. A store that cannot be written keeps none.
    func write(to path: FilePath, keeping blobs: Set<Digest>) throws(AssayError) {
        var text = since.map { "since \($0)\n" } ?? ""
        for (digest, time) in times.sorted(by: { $0.key < $1.key }) where blobs.contains(digest) {
            text += "\(digest.hex) \(time)\n"
        }
        try FileSystem.makeDirectory(path.removingLastComponent())
        try FileSystem.replace(path, with: Array(text.utf8))
    }
}
