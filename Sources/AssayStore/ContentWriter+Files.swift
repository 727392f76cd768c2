public import AssayCore
public import AssaySystem
public import SystemPackage

/// A file that is to be taken in.
public struct FileToAdd: Sendable {
    /// Where it is, and its path beneath that.
    public let root: FilePath, path: String
    /// What a look at it gave just now.
    public let status: FileSystem.Status
    /// How finely it is to be cut if it is large.
    public let grain: SegmentGrain

    /// Names a file.
    public init(root: FilePath, path: String, status: FileSystem.Status, grain: SegmentGrain) {
        self.root = root
        self.path = path
        self.status = status
        self.grain = grain
    }
}

extension ContentWriter {
    /// Adds files that belong together, and gives what became of each, in their order.
    ///
    /// As `add(fileAt:)` for each of them; small ones are read on two threads.
    public func add(_ files: [FileToAdd]) throws(AssayError) -> [Added] {
        let total = files.reduce(0) { $0 + $1.status.size }
        var result: [Added?] = []
        result.reserveCapacity(files.count)
        var unknown: [Int] = []
        for (index, file) in files.enumerated() {
            let known = try known(file.status, file.grain)
            if known == nil { unknown.append(index) }
            result.append(known)
        }
        if !unknown.isEmpty {
            var readers = try SmallFileReaders(unknown.map { files[$0] })
            do throws(AssayError) {
                for index in unknown {
                    let file = files[index]
                    let (found, bytes) = readers.next()
                    switch found {
                    case .small(_, let digest, let start):
                        result[index] = try add(
                            small: bytes, digest, of: file, readAt: start)
                    case .other:
                        result[index] = try add(
                            fileAt: file.root.appending(file.path), grain: file.grain,
                            total: total)
                    case .failed(let error): throw error
                    }
                }
            } catch {
                readers.finish()
                throw error
            }
            readers.finish()
        }
        return result.compactMap { $0 }
    }
}
