import AssayCore
import AssayStore
import AssaySystem
import Glibc
import SystemPackage

extension Store {
    /// The bytes of one file of an artifact, checked against its digest.
    func contents(of file: FileEntry) throws(AssayError) -> [UInt8] {
        file.size == 0 ? [] : try read(file.digest, limit: file.size)
    }

    /// Writes one file of an artifact, checked against its digest.
    func extract(_ file: FileEntry, to path: FilePath, mode: UInt32) throws(AssayError) {
        let out = try OpenFile.creating(path, mode: mode)
        try out.write(try contents(of: file))
        guard fchmod(out.rawDescriptor, mode) == 0 else {
            throw FileSystem.error("could not set the mode of", path)
        }
    }

    /// Reads one file of an artifact and throws unless it has its digest.
    func verify(_ file: FileEntry) throws(AssayError) {
        _ = try contents(of: file)
    }
}

extension FileEntry {
    /// The same file under another path.
    func renamed(_ path: String) -> FileEntry {
        FileEntry(path: path, mode: mode, size: size, digest: digest, extents: extents)
    }
}
