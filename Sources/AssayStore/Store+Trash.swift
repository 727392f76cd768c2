public import AssayCore
import AssaySystem
import Glibc
import SystemPackage

extension Store {
    /// Puts back what garbage collection moved to the trash and is whole, with a new grace.
    ///
    /// Gives the blobs that were put back, and those that were not as their bytes are not their own.
    /// A crash loses nothing.
    public func putBackTrash() throws(AssayError) -> (back: [Digest], damaged: [String]) {
        var back: [Digest] = []
        var damaged: [String] = []
        for day in try trashDays() {
            let directory = trash.appending(day.name)
            for name in try FileSystem.names(in: directory) {
                let path = directory.appending(name)
                guard let digest = Digest(hex: name) else {
                    damaged.append("\(path)")
                    continue
                }
                guard try Self.hash(path) == digest else {
                    damaged.append("\(path)")
                    continue
                }
                try holding([.init(kind: .blob, digest: digest)]) { () throws(AssayError) in
                    guard unsafe utimensat(AT_FDCWD, path.string, nil, AT_SYMLINK_NOFOLLOW) == 0
                    else { throw FileSystem.error("could not set the time of", path) }
                    try FileSystem.rename(path, to: blobPath(digest))
                }
                back.append(digest)
            }
            try FileSystem.syncDirectory(blobs)
            try FileSystem.syncDirectory(directory)
            if try FileSystem.names(in: directory).isEmpty { try FileSystem.removeTree(directory) }
        }
        return (back, damaged)
    }

    private static func hash(_ path: FilePath) throws(AssayError) -> Digest {
        let file = try OpenFile.reading(path)
        var hasher = SHA256Hasher()
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try file.readChunk(&chunk)
            if count == 0 { return hasher.finish() }
            unsafe chunk[..<count].withUnsafeBytes { unsafe hasher.update($0) }
        }
    }
}
