import AssayCore
import AssaySystem
import Glibc
import SystemPackage
import Testing

@testable import AssayStore

@Suite("Taking in contents")
struct ContentWriterTests {
    /// A store and a directory beside it for files.
    static func withStore(_ body: (Store, FilePath) throws -> Void) throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-content-test-")
        let store = try Store.create(at: directory.path.appending("store"))
        let files = directory.path.appending("files")
        try FileSystem.makeDirectory(files)
        try body(store, files)
    }

    static func write(_ path: FilePath, _ bytes: [UInt8]) throws {
        if FileSystem.exists(path) { try FileSystem.remove(path) }
        try OpenFile.creating(path).write(bytes)
    }

    /// Takes a file in as `assay track` does, and gives its entry in the artifact.
    @discardableResult
    static func take(
        _ store: Store, _ path: FilePath, grain: SegmentGrain = .standard
    ) throws -> FileEntry {
        let writer = try ContentWriter(store)
        let added = try writer.add(fileAt: path, grain: grain)
        let manifest = try writer.putArtifact(draft([("f", added)]))
        try store.setRef("content/\(manifest.hex)", to: manifest)
        try writer.reached(manifest)
        return try store.artifact(manifest).files[0]
    }

    static func draft(_ files: [(String, ContentWriter.Added)]) -> ArtifactDraft {
        ArtifactDraft(
            artifactType: "t/t", configType: "c/c", config: [0x7B, 0x7D],
            files: files.map {
                FileEntry(path: $0.0, mode: .regular, size: $0.1.size, digest: $0.1.digest)
            })
    }

    static func bytesStored(_ store: Store) throws -> Int {
        try FileSystem.names(in: store.blobs).reduce(0) {
            $0 + (try FileSystem.status(of: store.blobs.appending($1))?.size ?? 0)
        }
    }

    @Test("a large file comes back from its segments, and its digest is the plain one")
    func large() throws {
        try Self.withStore { store, files in
            let bytes = SplitMixStream.bytes(30_000_001, seed: 20)
            try Self.write(files.appending("f"), bytes)
            let entry = try Self.take(store, files.appending("f"))
            #expect(entry.digest == Digest(of: bytes))
            #expect(
                entry.extents.map(\.length)
                    == FastCDCTests.lengths(FastCDC(average: 4 << 20), of: bytes))
            #expect(try store.contents(of: entry) == bytes)
            for extent in entry.extents {
                #expect(try FileSystem.status(of: store.blobPath(extent.segment))?.mode == 0o444)
            }
            #expect(try FileSystem.names(in: store.ingest).isEmpty)
        }
    }

    @Test("segments above what is held in memory are written on the way, and come back")
    func spilled() throws {
        try Self.withStore { store, files in
            let bytes = SplitMixStream.bytes(70_000_000, seed: 21)
            let pipeline = SegmentPipeline(store: store, directory: files)
            var offset = 0
            let result = try pipeline.run(
                size: bytes.count, cuts: .places([60_000_000, bytes.count])
            ) { (buffer) throws(AssayError) in
                unsafe buffer.copyBytes(from: bytes[offset..<offset + buffer.count])
                offset += buffer.count
            }
            #expect(result.digest == Digest(of: bytes))
            #expect(result.segments.map(\.size) == [60_000_000, 10_000_000])
            try store.adopt(result.segments)
            for segment in result.segments { try store.verify(segment.digest) }
        }
    }

    @Test("a change of a fifth of the tensors stores a fifth, twice")
    func tensors() throws {
        try Self.withStore { store, files in
            let sizes = (0..<40).map { $0 % 2 == 0 ? 1_500_000 : 4096 }
            let header = ModelFiles.safetensors(sizes: sizes)
            var bytes = header + SplitMixStream.bytes(sizes.reduce(0, +), seed: 22)
            let path = files.appending("model.safetensors")
            try Self.write(path, bytes)
            try Self.take(store, path)
            for round in 0..<2 {
                let before = try Self.bytesStored(store)
                for tensor in stride(from: round, to: 40, by: 5) {
                    let start = header.count + sizes[..<tensor].reduce(0, +)
                    for index in stride(from: start, to: start + sizes[tensor], by: 1000) {
                        bytes[index] ^= 0x5A
                    }
                }
                try Self.write(path, bytes)
                try Self.take(store, path)
                let new = try Self.bytesStored(store) - before
                #expect(Double(new) < 0.205 * Double(bytes.count), "round \(round): \(new)")
            }
        }
    }

    @Test("rows at the end of a fine table store little, and a grain that changed cuts anew")
    func fine() throws {
        try Self.withStore { store, files in
            let bytes = SplitMixStream.bytes(20_000_000, seed: 23)
            let path = files.appending("table.csv")
            try Self.write(path, bytes)
            let standard = try Self.take(store, path)
            let entry = try Self.take(store, path, grain: .fine)
            #expect(standard.extents.count < 10 && entry.extents.count > 50)
            let before = try Self.bytesStored(store)
            try Self.write(path, bytes + SplitMixStream.bytes(400_000, seed: 24))
            try Self.take(store, path, grain: .fine)
            #expect(try Self.bytesStored(store) - before < 1_000_000)
        }
    }

    @Test("small files in a row come back, beyond what is kept in memory, and equal ones once")
    func small() throws {
        try Self.withStore { store, _ in
            let writer = try ContentWriter(store)
            let contents = (0..<50).map { SplitMixStream.bytes(1_000_003, seed: 30 + $0 / 2) }
            let added = try contents.enumerated().map { index, bytes in
                (index < 10 ? "a0\(index)" : "a\(index)", try writer.add(bytes))
            }
            let manifest = try writer.putArtifact(Self.draft(added))
            let artifact = try store.artifact(manifest)
            for (file, bytes) in zip(artifact.files, contents) {
                #expect(try store.contents(of: file) == bytes)
            }
            let segments = artifact.layers.dropFirst().reduce(0) { $0 + $1.size }
            #expect(segments == 25 * 1_000_003)
            // The row is a function of the files: another store gives the same manifest.
            try Self.withStore { other, _ in
                let writer = try ContentWriter(other)
                for bytes in contents.reversed() { try writer.add(bytes) }
                #expect(try writer.putArtifact(Self.draft(added)) == manifest)
            }
        }
    }

    @Test("thousands of small files come back, a second artifact of one writer is the first again")
    func many() throws {
        try Self.withStore { store, files in
            // More than is kept in memory; every tenth has the content of the one before.
            let contents = (0..<3000).map { index in
                let seed = index - (index % 10 == 9 ? 1 : 0)
                return SplitMixStream.bytes(12_000 + seed, seed: UInt64(seed))
            }
            var named: [FileToAdd] = []
            for (index, bytes) in contents.enumerated() {
                let path = "\(10_000 + index)"
                try Self.write(files.appending(path), bytes)
                let status = try #require(try FileSystem.status(of: files.appending(path)))
                named.append(FileToAdd(root: files, path: path, status: status, grain: .standard))
            }
            // One was changed after it was looked at.
            let late = SplitMixStream.bytes(500, seed: 9)
            try Self.write(files.appending("12000"), late)
            let writer = try ContentWriter(store)
            let added = try writer.add(named)
            for (index, added) in added.enumerated() {
                let bytes = index == 2000 ? late : contents[index]
                #expect(added.digest == Digest(of: bytes) && added.isNew)
            }
            let draft = Self.draft(zip(named, added).map { ($0.path, $1) })
            let first = try writer.putArtifact(draft)
            for (index, file) in try store.artifact(first).files.enumerated()
            where index % 97 == 0 || index == 2000 {
                let bytes = index == 2000 ? late : contents[index]
                #expect(try store.contents(of: file) == bytes)
            }
            #expect(try writer.putArtifact(draft) == first)
            let part = ArtifactDraft(
                artifactType: "t/t", configType: "c/c", config: [0x7B, 0x7D],
                files: Array(draft.files[100..<200]))
            let second = try store.artifact(try writer.putArtifact(part))
            #expect(try store.contents(of: second.files[50]) == contents[150])
        }
    }

    @Test("an artifact of too many segments gets them joined, and every file comes back")
    func joined() throws {
        try Self.withStore { store, _ in
            let writer = try ContentWriter(store)
            // Large contents that are blobs already keep them. Other layers leave room for eleven.
            let others = try (0..<500).map {
                Layer(mediaType: "x/y", digest: try store.put([UInt8($0 & 255)]), size: 1)
            }
            var files: [FileEntry] = []
            var bytes = [UInt8](repeating: 0, count: SegmentRules.largeFile)
            for index in 0..<30 {
                bytes[0] = UInt8(index)
                files.append(
                    FileEntry(
                        path: "f\(10 + index)", mode: .regular, size: bytes.count,
                        digest: try store.put(bytes)))
            }
            let manifest = try writer.putArtifact(
                ArtifactDraft(
                    artifactType: "t/t", configType: "c/c", config: [0x7B, 0x7D], files: files,
                    layers: others))
            let artifact = try store.artifact(manifest)
            let segments = artifact.layers.filter { $0.mediaType == MediaType.segment }
            #expect(segments.count <= 11 && segments.count > 3)
            #expect(segments.reduce(0) { $0 + $1.size } == 30 * bytes.count)
            for file in artifact.files { try store.verify(file) }
        }
    }

    @Test("a file that changes while it is read is refused, and nothing of it is left")
    func changing() throws {
        try Self.withStore { store, files in
            let writer = try ContentWriter(store)
            let path = files.appending("f")
            try Self.write(path, SplitMixStream.bytes(5_000_000, seed: 25))
            // What a reader finds when the file was cut after its size was taken.
            let pipeline = SegmentPipeline(store: store, directory: files)
            let error = #expect(throws: AssayError.self) {
                _ = try pipeline.run(size: 5_000_000, cuts: .places([5_000_000])) {
                    (_) throws(AssayError) in
                    throw AssayError(.conflict, "changed")
                }
            }
            #expect(error?.code == .conflict)
            _ = try writer.add(fileAt: path)
            _ = consume writer
            #expect(try FileSystem.names(in: store.ingest).isEmpty)
            #expect(try FileSystem.names(in: store.blobs).isEmpty)
        }
    }

    @Test("a full disk is said, and no blob is there in part")
    func fullDisk() throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-content-test-")
        let mount = directory.path.appending("small")
        try FileSystem.makeDirectory(mount)
        guard unsafe Glibc.mount("tmpfs", mount.string, "tmpfs", 0, "size=12m") == 0 else { return }
        defer { umount2(mount.string, Int32(MNT_DETACH)) }
        let store = try Store.create(at: mount.appending("store"))
        let path = directory.path.appending("f")
        try Self.write(path, SplitMixStream.bytes(30_000_000, seed: 26))
        let error = #expect(throws: AssayError.self) { try Self.take(store, path) }
        #expect(error?.code == .diskFull)
        #expect(try FileSystem.names(in: store.ingest).isEmpty)
        #expect(try FileSystem.names(in: store.blobs).isEmpty)
    }
}
