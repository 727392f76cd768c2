import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// A lease on disk: a line of canonical JSON that names the process, then a line for each blob.
struct LeaseFile {
    /// One blob that a process works with.
    struct Line: Hashable {
        enum Kind: String {
            /// Only the blob itself.
            case blob
            /// The blob and all that it leads to.
            case root
        }

        let kind: Kind
        let digest: Digest

        var text: String { "\(kind.rawValue) \(digest.hex)\n" }
    }

    /// Whether the process behind a lease still works.
    enum Standing: Hashable {
        case held
        /// Nobody holds it any more, and why that is so.
        case dead(String)
    }

    let path: FilePath
    let owner: ProcessIdentity?
    let lines: [Line]
    let standing: Standing

    static let schema = "assay/lease/v1"

    static func header(of owner: ProcessIdentity) -> [UInt8] {
        let document: JSONValue = [
            "schema": JSONValue(schema), "process": JSONValue(Int(owner.id)),
            "start": .integer(owner.start), "boot": JSONValue(owner.boot),
        ]
        return CanonicalJSON.encode(document) + [UInt8(ascii: "\n")]
    }

    /// Reads a lease; `nil` if it went away meanwhile. The caller holds the store's `gc.lock`.
    ///
    /// Throws `.damaged` if a process holds it and what it says cannot be read: then nobody can tell
    /// what that process works with. Of a dead process nothing needs to be read.
    static func read(_ path: FilePath) throws(AssayError) -> LeaseFile? {
        guard FileSystem.exists(path) else { return nil }
        let file = try OpenFile.open(path, flags: O_RDONLY, mode: 0)
        let isLocked = flock(file.rawDescriptor, LOCK_SH | LOCK_NB) != 0
        guard !isLocked || errno == EWOULDBLOCK else {
            throw FileSystem.error("could not see who holds", path)
        }
        let bytes = try file.readToEnd(limit: 1 << 30)
        do throws(AssayError) {
            let (owner, lines) = try parse(bytes, name: "lease \(path)")
            let isAlive = try owner.isAlive()
            return LeaseFile(
                path: path, owner: owner, lines: lines,
                standing: isLocked || isAlive ? .held : .dead(try reason(owner)))
        } catch {
            guard isLocked else {
                return LeaseFile(
                    path: path, owner: nil, lines: [], standing: .dead("no process holds it"))
            }
            throw AssayError(
                .damaged,
                "a running process holds lease \(path), which cannot be read: \(error.message)",
                hint: "see which with `fuser -v \(path)`, end it, and run this again")
        }
    }

    private static func reason(_ owner: ProcessIdentity) throws(AssayError) -> String {
        let here = try ProcessIdentity.current()
        return owner.boot == here.boot
            ? "process \(owner.id) has ended"
            : "process \(owner.id) ran before the machine was started last"
    }

    /// Reads the bytes of a lease, strictly.
    static func parse(
        _ bytes: [UInt8], name: String
    ) throws(AssayError) -> (owner: ProcessIdentity, lines: [Line]) {
        guard bytes.last == UInt8(ascii: "\n") else {
            throw AssayError(.damaged, "\(name) is cut short")
        }
        let rows = bytes.dropLast().split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let root = JSONReader(try JSONParser.parse(Array(rows[0]), file: name), document: name)
        guard try root["schema"].string() == schema else {
            throw AssayError(.unsupported, "\(name) is of a schema this version does not know")
        }
        guard let id = Int32(exactly: try root["process"].integer()), id > 0 else {
            throw root["process"].mismatch("the id of a process")
        }
        let owner = ProcessIdentity(
            id: id, start: Int64(try root["start"].integer()), boot: try root["boot"].string())
        var lines: [Line] = []
        for row in rows.dropFirst() {
            let parts = String(decoding: row, as: UTF8.self).split(
                separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, let kind = Line.Kind(rawValue: String(parts[0])),
                let digest = Digest(hex: parts[1])
            else {
                throw AssayError(
                    .damaged, "\(name) has a line that is not <blob|root> <64 hex>")
            }
            lines.append(Line(kind: kind, digest: digest))
        }
        return (owner, lines)
    }
}
