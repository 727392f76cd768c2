import AssayCore
import AssaySystem
import CZlib
import SystemPackage

/// Reads a file piece by piece, unpacked if it is gzip.
struct GzipInput: ~Copyable {
    private let path: FilePath
    private let handle: gzFile

    init(path: FilePath) throws(AssayError) {
        // zlib opens what is not there with a less clear error.
        _ = try OpenFile.reading(path)
        guard let handle = unsafe gzopen(path.string, "rb") else {
            throw FileSystem.error("could not open", path)
        }
        unsafe gzbuffer(handle, 1 << 18)
        self.path = path
        unsafe self.handle = handle
    }

    deinit { unsafe gzclose(handle) }

    /// The next bytes; none at the end. Throws `.damaged` for gzip that is hurt or cut short.
    mutating func next() throws(AssayError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = unsafe gzread(handle, &bytes, UInt32(bytes.count))
        var code: Int32 = 0
        let message = unsafe gzerror(handle, &code).map { unsafe String(cString: $0) } ?? ""
        guard count >= 0, code == Z_OK || code == Z_STREAM_END else {
            throw AssayError(.damaged, "\(path) is not whole gzip: \(message)")
        }
        return Array(bytes.prefix(Int(count)))
    }
}
