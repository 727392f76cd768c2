public import AssayCore
import AssayStore
import AssaySystem
import Glibc
public import SystemPackage

extension Capture {
    /// Writes the capture to one new file: its frames in a row, which `zstd -d` turns into a plain
    /// WARC. The first frame holds a `warcinfo` record with the capture's summary.
    ///
    /// Importing the file again gives the same capture id. Throws `.io` if the file is there already.
    public func export(to path: FilePath) throws(AssayError) {
        var info = WARCWriter()
        info.append(
            .info, id: "capture:\(id.hex)", date: Timestamp.text(summary.firstAt), target: nil,
            block: CanonicalJSON.encode(summary.document))
        let file = try OpenFile.creating(path)
        do throws(AssayError) {
            try file.write(try ZstdFrame.compress(info.bytes))
            for segment in segments { try file.write(try store.read(segment)) }
            try file.sync()
        } catch {
            try FileSystem.remove(path)
            throw error
        }
    }
}
