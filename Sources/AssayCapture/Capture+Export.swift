public import AssayCore
import AssayStore
import AssaySystem
import Glibc
public import SystemPackage

extension Capture {
    /// Writes the capture to one file: its frames in a row, which `zstd -d` turns into a plain WARC.
    ///
    /// Importing the file again gives the same capture id.
    public func export(to path: FilePath) throws(AssayError) {
        let file = try OpenFile.creating(path)
        do throws(AssayError) {
            for segment in segments { try file.write(try store.read(segment)) }
            try file.sync()
        } catch {
            try FileSystem.remove(path)
            throw error
        }
    }
}

/// Reads a capture file that `export` wrote.
public enum CaptureFileImport {
    /// Copies the exchanges of a file into a journal and counts them.
    ///
    /// Throws `.damaged` with the byte offset for a file that is cut short or hurt; with `salvage` it
    /// keeps the whole exchanges before that place and counts one as truncated.
    public static func read(
        _ path: FilePath, into journal: inout CaptureJournal, salvage: Bool
    ) throws(AssayError) -> CaptureLosses {
        var losses = CaptureLosses()
        var reader = try FrameReader(path: path)
        do throws(AssayError) {
            while let frame = try reader.next() {
                var rest = frame.content[...]
                while !rest.isEmpty {
                    try journal.append(try ExchangeCodec.take(from: &rest))
                    losses.keep()
                }
            }
        } catch {
            guard salvage, error.code == .damaged else { throw error }
            losses.lose(\.truncated, "\(error)")
        }
        return losses
    }
}
