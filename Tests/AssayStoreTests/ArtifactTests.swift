import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayStore

@Suite("Artifacts")
struct ArtifactTests {
    @Test("the tree digest is the SHA-256 of the sorted lines, as an independent program gives it")
    func treeDigest() {
        let files = [
            FileEntry(
                path: "b/c.txt", mode: .executable, size: 3, digest: Digest(of: Array("xyz".utf8))),
            FileEntry(path: "a.txt", mode: .regular, size: 0, digest: Digest(of: [])),
        ]
        // Python: hashlib.sha256 over "100644 0 e3b0… 5:a.txt\n" and "100755 3 3608… 7:b/c.txt\n".
        let golden = "5711ef8d17873123ccb234404e12fa8fbee4cd78e9f706ec49003ca23e57476b"
        #expect(TreeDigest.of(files).hex == golden)
        #expect(TreeDigest.of(files.reversed()).hex == golden)
    }

    @Test("files come back as they were, small ones out of one segment, empty ones out of none")
    func roundTrip() throws {
        try StoreTests.withStore { store in
            let large = (0..<(9 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
            let contents: [(String, [UInt8])] = [
                ("a/one.txt", Array("one".utf8)), ("a/two.txt", Array("two".utf8)),
                ("copy.txt", Array("one".utf8)), ("empty", []), ("model.bin", large),
            ]
            let files = try contents.map { try StoreTests.entry(store, $0.0, $0.1) }
            let draft = ArtifactDraft(
                artifactType: "application/vnd.assay.test.v1+json",
                configType: "application/vnd.assay.test.config.v1+json", config: Array("{}".utf8),
                files: files.reversed(), annotations: ["k": "v"])
            let manifest = try store.putArtifact(draft)
            #expect(try store.putArtifact(draft) == manifest)
            let artifact = try store.artifact(manifest)
            #expect(artifact.files.map(\.path) == contents.map(\.0))
            #expect(artifact.annotations == ["k": "v"])
            // The map, one segment of the small files, those of the large file.
            #expect(Set(artifact.files[..<3].flatMap(\.extents).map(\.segment)).count == 1)
            #expect(artifact.layers.count == 2 + artifact.files[4].extents.count)
            #expect(artifact.layers.allSatisfy { $0.size > 0 })
            for (file, content) in zip(artifact.files, contents) {
                #expect(try store.contents(of: file) == content.1)
            }
            #expect(try store.verify(artifact).isEmpty)
            let target = store.root.appending("out.bin")
            try store.extract(artifact.files[4], to: target, mode: 0o555)
            #expect(try FileSystem.read(target) == large)
            #expect(try FileSystem.status(of: target)?.mode == 0o555)
        }
    }

    @Test("a map is canonical JSON, and reads back")
    func map() throws {
        let segment = Digest(of: [1])
        let files = [
            FileEntry(path: "a\"\u{e9}/b", mode: .executable, size: 0, digest: Digest(of: [])),
            FileEntry(
                path: "c", mode: .regular, size: 9, digest: Digest(of: [2]),
                extents: [
                    Extent(segment: segment, offset: 5, length: 7),
                    Extent(segment: segment, offset: 0, length: 2),
                ]),
        ]
        for files in [[], files] {
            let bytes = FileMap(files: files).bytes
            #expect(CanonicalJSON.encode(try JSONParser.parse(bytes, file: "map")) == bytes)
            let read = try FileMap(parsing: bytes, name: "map", segments: [segment: 12])
            #expect(read.files == files)
        }
    }

    @Test("thousands of files stay within the layers of a manifest")
    func manyFiles() throws {
        try StoreTests.withStore { store in
            // One content of 1 MiB and more would be a segment each; 600 of them must be joined.
            let shared = [UInt8](repeating: 1, count: 1 << 20)
            var files: [FileEntry] = []
            for index in 0..<600 {
                var bytes = shared
                bytes[0] = UInt8(index & 255)
                bytes[1] = UInt8(index >> 8)
                files.append(try StoreTests.entry(store, "f\(index)", bytes))
            }
            let manifest = try store.putArtifact(
                ArtifactDraft(
                    artifactType: "t/t", configType: "c/c", config: [0x7B, 0x7D], files: files))
            let artifact = try store.artifact(manifest)
            #expect(artifact.layers.count <= 512)
            #expect(try store.contents(of: artifact.files[599]).count == 1 << 20)
        }
    }

    static let badPaths = ["", "/a", "../a", "a/../b", "a//b", "./a", "a/", "a\nb", "a\u{0}b"]

    @Test("a path that leaves its directory is refused", arguments: badPaths)
    func paths(path: String) throws {
        try StoreTests.withStore { store in
            let file = try StoreTests.entry(store, path, [1, 2, 3])
            #expect(throws: AssayError.self) {
                try store.putArtifact(
                    ArtifactDraft(
                        artifactType: "t/t", configType: "c/c", config: [0x7B, 0x7D], files: [file])
                )
            }
        }
    }

    @Test("a cut map, manifest or segment never gives a shorter artifact")
    func truncation() throws {
        try StoreTests.withStore { store in
            let file = try StoreTests.entry(store, "a", Array("content".utf8))
            let manifest = try store.putArtifact(
                ArtifactDraft(
                    artifactType: "t/t", configType: "c/c", config: [0x7B, 0x7D], files: [file]))
            let whole = try store.artifact(manifest)
            for layer in whole.layers.map(\.digest) + [manifest, whole.configDigest] {
                let path = store.blobPath(layer)
                let bytes = try FileSystem.read(path)
                try FileSystem.replace(path, with: Array(bytes.dropLast()))
                #expect(throws: (any Error).self) {
                    let artifact = try store.artifact(manifest)
                    _ = try store.contents(of: artifact.files[0])
                }
                try FileSystem.replace(path, with: bytes)
            }
            try FileSystem.remove(store.blobPath(whole.files[0].extents[0].segment))
            let faults = try store.verify(whole)
            #expect(!faults.isEmpty)
            #expect(faults.allSatisfy { $0.code == .damaged })
        }
    }

    @Test("the index lists what other tools can copy, under the ref's own name")
    func index() throws {
        try StoreTests.withStore { store in
            let file = try StoreTests.entry(store, "a", [9])
            let manifest = try store.putArtifact(
                ArtifactDraft(
                    artifactType: "t/t", configType: "c/c", config: [0x7B, 0x7D], files: [file]))
            try store.setRef("bundle/svc/x1", to: manifest)
            try store.setRef("evidence/e", to: try store.put([5]))
            let text = String(
                decoding: try FileSystem.read(store.root.appending("index.json")), as: UTF8.self)
            #expect(text.contains("\"org.opencontainers.image.ref.name\":\"bundle/svc/x1\""))
            #expect(text.contains(manifest.description))
            #expect(!text.contains("evidence/e"))
        }
    }
}
