import AssayCore
import AssaySystem
import Glibc
import SystemPackage
import Testing

@testable import AssayStore

@Suite("Stat cache")
struct StatCacheTests {
    static func status(_ path: FilePath) throws -> FileSystem.Status {
        try #require(try FileSystem.status(of: path))
    }

    static let later: Int64 = 60_000_000_000

    @Test("a file that did not change has the digest that was remembered, across the disk")
    func remembers() throws {
        try ContentWriterTests.withStore { store, files in
            let path = files.appending("f")
            try ContentWriterTests.write(path, [1, 2, 3])
            let status = try Self.status(path)
            var cache = try StatCache(store)
            #expect(cache.digest(for: status) == nil)
            let digest = Digest(of: [9])
            cache.remember(
                digest, for: status, grain: .fine, readAt: StatCache.now() + Self.later)
            try cache.save()
            var again = try StatCache(store)
            #expect(again.digest(for: status) == digest)
            #expect(again.digest(for: status, grain: .fine) == digest)
            #expect(again.digest(for: status, grain: .standard) == nil)
            // Renamed, it has another time of status; written to, another of content.
            try FileSystem.rename(path, to: files.appending("g"))
            let renamed = try Self.status(files.appending("g"))
            #expect(again.digest(for: renamed) == nil)
        }
    }

    @Test("a file changed just before it was read is not remembered")
    func racy() throws {
        try ContentWriterTests.withStore { store, files in
            let path = files.appending("f")
            try ContentWriterTests.write(path, [1, 2, 3])
            let status = try Self.status(path)
            var cache = try StatCache(store)
            for start in [status.modified, status.modified + 19_000_000, status.modified - 5] {
                cache.remember(Digest(of: [9]), for: status, grain: .standard, readAt: start)
                #expect(cache.digest(for: status) == nil)
            }
            cache.remember(
                Digest(of: [9]), for: status, grain: .standard,
                readAt: status.modified + 2_000_000_001)
            #expect(cache.digest(for: status) != nil)
        }
    }

    @Test("a change of the same size with the old time set back is seen")
    func setBack() throws {
        try ContentWriterTests.withStore { store, files in
            let path = files.appending("f")
            try ContentWriterTests.write(path, [1, 2, 3])
            let before = try Self.status(path)
            var cache = try StatCache(store)
            cache.remember(
                Digest(of: [1, 2, 3]), for: before, grain: .standard,
                readAt: StatCache.now() + Self.later)
            usleep(20_000)
            try OpenFile.open(path, flags: O_WRONLY, mode: 0).write([4, 5, 6])
            let old = timespec(
                tv_sec: Int(before.modified / 1_000_000_000),
                tv_nsec: Int(before.modified % 1_000_000_000))
            #expect(unsafe utimensat(AT_FDCWD, path.string, [old, old], 0) == 0)
            let after = try Self.status(path)
            #expect(after.modified == before.modified && after.size == before.size)
            #expect(cache.digest(for: after) == nil)
            let found = try cache.digest(ofFileAt: path)
            #expect(found == Digest(of: [4, 5, 6]))
        }
    }

    @Test(
        "damage of a cache costs time only",
        arguments: ["stat", "contents"], ["flip", "cut", "empty", "rubbish", "directory"])
    func damage(name: String, kind: String) throws {
        try ContentWriterTests.withStore { store, files in
            let path = files.appending("f")
            let bytes = SplitMixStream.bytes(100_000, seed: 50)
            try ContentWriterTests.write(path, bytes)
            usleep(30_000)
            let entry = try ContentWriterTests.take(store, path)
            let file = store.cache.appending(name)
            var content = try FileSystem.read(file)
            #expect(content.count > 60)
            switch kind {
            case "flip": content[content.count / 2] ^= 4
            case "cut": content.removeLast(3)
            case "empty": content = []
            case "rubbish": content = SplitMixStream.bytes(500, seed: 51)
            default: break
            }
            try FileSystem.remove(file)
            if kind == "directory" {
                try FileSystem.makeDirectory(file)
            } else {
                try ContentWriterTests.write(file, content)
            }
            let writer = try ContentWriter(store)
            let added = try writer.add(fileAt: path)
            #expect(added.digest == entry.digest && !added.isNew)
            #expect(try writer.holds(entry.digest, size: entry.size))
        }
    }

    @Test("an unchanged file is not read again, and content that is gone is taken in again")
    func unread() throws {
        try ContentWriterTests.withStore { store, files in
            let path = files.appending("f")
            let bytes = SplitMixStream.bytes(6_000_000, seed: 52)
            try ContentWriterTests.write(path, bytes)
            usleep(30_000)
            let entry = try ContentWriterTests.take(store, path)
            let opens = try Self.reads(path) {
                let added = try ContentWriter(store).add(fileAt: path)
                #expect(added.digest == entry.digest && !added.isNew)
            }
            #expect(!opens)
            try FileSystem.remove(store.blobPath(entry.extents[0].segment))
            let again = try Self.reads(path) {
                let added = try ContentWriter(store).add(fileAt: path)
                #expect(added.isNew)
            }
            #expect(again)
            try ContentWriterTests.take(store, path)
            try store.verify(entry)
        }
    }

    /// Whether `body` opened the file, by the system's own notification.
    static func reads(_ path: FilePath, _ body: () throws -> Void) throws -> Bool {
        let watch = inotify_init1(Int32(IN_NONBLOCK))
        defer { close(watch) }
        #expect(unsafe inotify_add_watch(watch, path.string, UInt32(IN_OPEN)) >= 0)
        try body()
        var buffer = [UInt8](repeating: 0, count: 4096)
        return unsafe read(watch, &buffer, buffer.count) > 0
    }
}
