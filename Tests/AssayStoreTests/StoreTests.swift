import AssayCore
import AssayStore
import AssaySystem
import Glibc
import SystemPackage
import Testing

@Suite("Store")
struct StoreTests {
    /// A store in a directory of its own, lent to a test.
    static func withStore(_ body: (Store) throws -> Void) throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-store-test-")
        try body(try Store.create(at: directory.path.appending("store")))
    }

    static func entry(_ store: Store, _ path: String, _ bytes: [UInt8]) throws -> FileEntry {
        FileEntry(
            path: path, mode: .regular, size: bytes.count,
            digest: bytes.isEmpty ? Digest(of: []) : try store.put(bytes))
    }

    @Test("a blob read back is what was put, and is read-only on disk")
    func blob() throws {
        try Self.withStore { store in
            let bytes = Array("hello".utf8)
            let digest = try store.put(bytes)
            #expect(digest == Digest(of: bytes))
            #expect(try store.read(digest) == bytes)
            #expect(try store.put(bytes) == digest)
            #expect(try FileSystem.status(of: store.blobPath(digest))?.mode == 0o444)
            #expect(try FileSystem.names(in: store.root.appending("ingest")).isEmpty)
        }
    }

    @Test("a store is opened only where there is one")
    func open() throws {
        let error = #expect(throws: AssayError.self) { try Store.open(at: "/tmp/no-store-here") }
        #expect(error?.code == .notFound)
        #expect(error?.hint?.contains("assay init") == true)
    }

    @Test("a flipped bit and a cut end are found and named", arguments: ["flip", "cut"])
    func damage(kind: String) throws {
        try Self.withStore { store in
            let digest = try store.put(Array("some content of a blob".utf8))
            let path = store.blobPath(digest)
            var bytes = try FileSystem.read(path)
            if kind == "flip" { bytes[3] ^= 1 } else { bytes.removeLast() }
            try FileSystem.replace(path, with: bytes)
            let error = #expect(throws: AssayError.self) { try store.read(digest) }
            #expect(error?.code == .digestMismatch)
            #expect(error?.message.contains(digest.hex) == true)
            #expect(throws: AssayError.self) { try store.verify(digest) }
        }
    }

    @Test("a missing blob is named, and no ref can point to it")
    func missing() throws {
        try Self.withStore { store in
            let digest = Digest(of: Array("nowhere".utf8))
            #expect(throws: AssayError.self) { try store.read(digest) }
            #expect(throws: AssayError.self) { try store.setRef("a/b", to: digest) }
            let absent = try store.ref("a/b")
            #expect(absent == nil)
        }
    }

    @Test("a ref changes only from the value that was expected")
    func refs() throws {
        try Self.withStore { store in
            let one = try store.put([1])
            let two = try store.put([2])
            let first = try store.setRef("evidence/x", to: one, expecting: .absent)
            #expect(first == Ref(digest: one, sequence: 1))
            let conflict = #expect(throws: AssayError.self) {
                try store.setRef("evidence/x", to: two, expecting: .absent)
            }
            #expect(conflict?.code == .conflict)
            let second = try store.setRef("evidence/x", to: two, expecting: .exactly(first))
            #expect(second.sequence == 2)
            #expect(throws: AssayError.self) {
                try store.setRef("evidence/x", to: one, expecting: .exactly(first))
            }
            #expect(try store.refs(in: "evidence").map(\.name) == ["evidence/x"])
            try store.deleteRef("evidence/x")
            #expect(try store.ref("evidence/x") == nil)
        }
    }

    static let badNames = [
        "", "/", "a//b", "../x", "a/..", ".a", "a.", "a b", "a\n", "ü", "a--b", "a/-", "a\u{0}",
        String(repeating: "a", count: 129),
    ]

    @Test("a name that is not a path of plain parts is refused", arguments: badNames)
    func names(name: String) throws {
        try Self.withStore { store in
            let digest = try store.put([1])
            #expect(throws: AssayError.self) { try store.setRef(name, to: digest) }
        }
    }

    @Test("a damaged ref is an error, not an absent ref", arguments: ["", "sha256:12 1\n", "x"])
    func damagedRef(content: String) throws {
        try Self.withStore { store in
            try store.setRef("bundle/x", to: try store.put([1]))
            let path = store.root.appending("refs/bundle/x")
            try FileSystem.replace(path, with: Array(content.utf8))
            let error = #expect(throws: AssayError.self) { try store.ref("bundle/x") }
            #expect(error?.code == .damaged)
        }
    }

    @Test("of writers that race for a ref each change is kept and logged, in a whole chain")
    func race() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-store-test-")
        let store = try Store.create(at: directory.path.appending("store"))
        try await withThrowingTaskGroup { group in
            for writer in 0..<4 {
                group.addTask {
                    for step in 0..<8 {
                        let digest = try store.put([UInt8(writer), UInt8(step)])
                        while true {
                            let old = try store.ref("r/x")
                            do {
                                try store.setRef(
                                    "r/x", to: digest, expecting: old.map { .exactly($0) } ?? .absent)
                                break
                            } catch let error as AssayError where error.code == .conflict { continue }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try store.ref("r/x")?.sequence == 32)
        let lines = try FileSystem.read(store.root.appending("log")).split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 32)
        for (index, line) in lines.enumerated() {
            let reader = JSONReader(try JSONParser.parse(Array(line), file: "log"), document: "log")
            let previous = index > 0 ? Digest(of: lines[index - 1]) : nil
            let chained = try reader["previous"].ifPresent?.digest()
            #expect(chained == previous)
        }
    }

    @Test("a log line that a crash cut short is cut off before the next is written")
    func tornLog() throws {
        try Self.withStore { store in
            try store.setRef("r/a", to: try store.put([1]))
            let log = store.root.appending("log")
            let whole = try FileSystem.read(log)
            try FileSystem.replace(log, with: whole + Array("{\"ref\":\"r/b".utf8))
            try store.setRef("r/b", to: try store.put([2]))
            let after = try FileSystem.read(log)
            #expect(after.starts(with: whole))
            #expect(after.split(separator: UInt8(ascii: "\n")).count == 2)
        }
    }

    @Test("a full disk is said, and leaves store and refs as they were")
    func fullDisk() throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-store-test-")
        let mount = directory.path.appending("small")
        try FileSystem.makeDirectory(mount)
        guard unsafe Glibc.mount("tmpfs", mount.string, "tmpfs", 0, "size=256k") == 0 else {
            // Only root can mount; the other tests of this suite do not need it.
            return
        }
        defer { umount2(mount.string, Int32(MNT_DETACH)) }
        let store = try Store.create(at: mount.appending("store"))
        try store.setRef("r/a", to: try store.put([1]))
        let error = #expect(throws: AssayError.self) {
            try store.put([UInt8](repeating: 7, count: 1 << 20))
        }
        #expect(error?.code == .diskFull)
        #expect(try FileSystem.names(in: store.root.appending("ingest")).isEmpty)
        #expect(try store.ref("r/a")?.sequence == 1)
        #expect(try store.read(Digest(of: [1])) == [1])
    }
}
