import AssayCapture
public import AssayCore
import AssaySystem
import Glibc
public import SystemPackage

/// What a recording has counted so far, beside its journal, so that what was lost is still known when
/// the recorder is killed.
public struct RecordingLedger: Sendable {
    /// What is said of a recording that did not end by itself.
    static let interrupted =
        "the recorder was killed: what was in flight then, and up to a second of exchanges, is missing"

    let path: FilePath

    /// Names the ledger of a journal.
    public init(of journal: FilePath) {
        path = FilePath("\(journal).ledger")
    }

    /// Puts the counts into the file. It is renamed into place, but not synced: a machine that loses
    /// power may lose it.
    func save(_ losses: CaptureLosses, isFinished: Bool) throws(AssayError) {
        let document: JSONValue = ["losses": losses.document, "finished": .bool(isFinished)]
        let temporary = FilePath("\(path).new")
        let file = try OpenFile.open(
            temporary, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        try file.write(CanonicalJSON.encode(document))
        try FileSystem.rename(temporary, to: path)
    }

    /// What earlier runs of a recording had lost: nothing if it is a new one, and a note if one of them
    /// did not end by itself. What they kept is in the journal.
    func load(isContinued: Bool) throws(AssayError) -> CaptureLosses {
        guard FileSystem.exists(path) else {
            var losses = CaptureLosses()
            if isContinued { losses.note(Self.interrupted) }
            return losses
        }
        let bytes = try FileSystem.read(path, limit: 1 << 24)
        let reader = JSONReader(
            try JSONParser.parse(bytes, file: path.string), document: path.string)
        var losses = try CaptureLosses(reader["losses"])
        losses.forget(kept: losses.whole)
        if try !reader["finished"].bool() { losses.note(Self.interrupted) }
        return losses
    }

    /// Removes the file, with the journal that it belongs to.
    public func remove() throws(AssayError) { try FileSystem.remove(path) }
}
