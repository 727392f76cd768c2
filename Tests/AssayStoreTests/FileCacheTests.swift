import AssayCore
import AssaySystem
import Glibc
import SystemPackage
import Testing

@testable import AssayStore

@Suite("Whole files")
struct FileCacheTests {
    static let day: Int64 = 86_400_000_000_000

    /// A store with a large content in several segments.
    static func withContent(
        _ size: Int = 9_000_000, _ body: (Store, FileEntry, [UInt8], FilePath) throws -> Void
    ) throws {
        try ContentWriterTests.withStore { store, files in
            let bytes = SplitMixStream.bytes(size, seed: 60)
            try ContentWriterTests.write(files.appending("f"), bytes)
            let entry = try ContentWriterTests.take(store, files.appending("f"))
            try body(store, entry, bytes, files)
        }
    }

    /// The bytes of every blob.
    static func blobs(_ store: Store) throws -> [String: Digest] {
        var found: [String: Digest] = [:]
        for name in try FileSystem.names(in: store.blobs) {
            found[name] = Digest(of: try FileSystem.read(store.blobs.appending(name)))
        }
        return found
    }

    @Test("a file laid out twice costs a link, and has mode and time of its content")
    func links() throws {
        try Self.withContent { store, entry, bytes, files in
            let cache = FileCache(store)
            try cache.place(entry, at: files.appending("one"))
            try cache.place(entry, at: files.appending("two"))
            let one = try #require(try FileSystem.status(of: files.appending("one")))
            let two = try #require(try FileSystem.status(of: files.appending("two")))
            #expect(one.mode == 0o444 && FileCache.isIntact(one, as: entry))
            #expect(one.modified == two.modified && one.modified == FileCache.time(of: entry))
            // Here or by shared extents: no file system of these tests stores it twice.
            #expect(one.inode == two.inode || one.size == two.size)
            #expect(try FileSystem.read(files.appending("two")) == bytes)
        }
    }

    @Test("writing into what was laid out changes no blob, and is not handed out again")
    func writing() throws {
        for size in [9_000_000, 5_000] {
            try Self.withContent(size) { store, entry, bytes, files in
                let before = try Self.blobs(store)
                let cache = FileCache(store)
                let target = files.appending("out")
                try cache.place(entry, at: target)
                #expect(chmod(target.string, 0o644) == 0)
                let file = try OpenFile.open(target, flags: O_WRONLY, mode: 0)
                try file.write([UInt8](repeating: 0x55, count: 100))
                #expect(chmod(target.string, 0o444) == 0)
                let status = try FileSystem.status(of: target)
                #expect(!FileCache.isIntact(status, as: entry))
                #expect(try Self.blobs(store) == before)
                try cache.place(entry, at: files.appending("again"))
                #expect(try FileSystem.read(files.appending("again")) == bytes)
            }
        }
    }

    @Test("a damaged segment is found before a file has its name")
    func damage() throws {
        try Self.withContent { store, entry, _, files in
            let path = store.blobPath(entry.extents[1].segment)
            var bytes = try FileSystem.read(path)
            bytes[77] ^= 1
            try FileSystem.replace(path, with: bytes)
            let cache = FileCache(store)
            let error = #expect(throws: AssayError.self) {
                try cache.place(entry, at: files.appending("out"))
            }
            #expect(error?.code == .digestMismatch)
            #expect(!FileSystem.exists(files.appending("out")))
            #expect(try FileSystem.names(in: cache.files).isEmpty)
        }
    }

    @Test("an executable and a plain file of one content are two files")
    func modes() throws {
        try Self.withContent { store, entry, _, files in
            let cache = FileCache(store)
            let executable = FileEntry(
                path: "x", mode: .executable, size: entry.size, digest: entry.digest,
                extents: entry.extents)
            try cache.place(entry, at: files.appending("plain"))
            try cache.place(executable, at: files.appending("run"))
            #expect(try FileSystem.status(of: files.appending("plain"))?.mode == 0o444)
            #expect(try FileSystem.status(of: files.appending("run"))?.mode == 0o555)
        }
    }

    @Test("the cache is trimmed by last use, and what was used within a day stays")
    func trim() throws {
        try Self.withContent(3_000_000) { store, entry, _, files in
            let cache = FileCache(store)
            let now = StatCache.now()
            for (index, name) in ["old", "middle", "new"].enumerated() {
                let tree = cache.trees.appending(name)
                try FileSystem.makeDirectory(tree.appending("sub"))
                try ContentWriterTests.write(
                    tree.appending("sub").appending("own"),
                    [UInt8](repeating: 1, count: 1_000_000))
                let shared = try cache.whole(entry)
                #expect(link(shared.string, tree.appending("shared").string) == 0)
                try ContentWriterTests.write(cache.trees.appending("\(name).lock"), [])
                try cache.used(name, now: now - Int64(5 - index) * Self.day)
            }
            func left() throws -> [String] {
                try FileSystem.names(in: cache.trees).filter { !$0.hasSuffix(".lock") }
            }
            // Bytes that are shared by links count once.
            #expect(try cache.trim(to: 6_000_000, now: now) == 6_000_000)
            #expect(try left().count == 3)
            #expect(try cache.trim(to: 5_500_000, now: now) == 5_000_000)
            #expect(try left() == ["middle", "new"])
            try cache.used("new", now: now)
            #expect(try cache.trim(to: 0, now: now) == 4_000_000)
            #expect(try left() == ["new"])
            // Two days on nothing is in use: trees go, then the file that no tree has.
            #expect(try cache.trim(to: 3_000_000, now: now + 2 * Self.day) == 3_000_000)
            #expect(try left().isEmpty)
            #expect(try cache.trim(to: 0, now: now + 2 * Self.day) == 0)
            #expect(try FileSystem.names(in: cache.files).isEmpty)
            #expect(try Self.blobs(store).isEmpty == false)
        }
    }
}
