import AssayCore
import AssaySystem
import Foundation
import SystemPackage
import Testing

@testable import AssayArchive

@Suite("extraction of archives", .serialized)
struct ExtractionTests {
    /// The archives that `archives.py` writes, in a directory of their own.
    final class Corpus {
        let directory: TemporaryDirectory
        var archives: FilePath { directory.path.appending("archives") }
        var target: FilePath { directory.path.appending("here/out") }

        init() throws {
            directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-archive-")
            try FileSystem.makeDirectory(archives)
            try FileSystem.makeDirectory(target.removingLastComponent())
            let script = FilePath(#filePath).removingLastComponent().appending("archives.py")
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            process.arguments = [script.string, archives.string]
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
        }

        /// Everything that lies beneath the temporary directory besides the archives.
        func leftovers() throws -> [String] {
            try FileSystem.names(in: target.removingLastComponent())
        }
    }

    @Test("a tree comes out of every container alike, with executables, links and names in UTF-8")
    func good() throws {
        let corpus = try Corpus()
        let names = try FileSystem.names(in: corpus.archives).filter { $0.hasPrefix("good") }
        #expect(names.count == 7)
        for name in names {
            let paths = try ArchiveExtraction.extract(
                corpus.archives.appending(name), into: corpus.target)
            #expect(
                paths == ["data/link", "data/noise.bin", "empty", "run.sh", "été.txt"], "\(name)")
            let out = corpus.target
            #expect(try FileSystem.status(of: out.appending("data/noise.bin"))?.size == 300_000)
            #expect(try FileSystem.status(of: out.appending("run.sh"))?.mode == 0o755)
            #expect(try FileSystem.status(of: out.appending("empty"))?.mode == 0o644)
            #expect(try FileSystem.status(of: out.appending("data/link"))?.kind == .symlink)
            #expect(try FileSystem.read(out.appending("data/link")) == Array("#!/bin/sh\n".utf8))
            try FileSystem.removeTree(out)
        }
        let paths = try ArchiveExtraction.extract(
            corpus.archives.appending("hard-link.tar"), into: corpus.target)
        #expect(paths == ["a", "b"])
        #expect(try FileSystem.read(corpus.target.appending("b")) == Array("one".utf8))
    }

    @Test("the files of every container are lent one by one, without links and directories")
    func members() throws {
        let corpus = try Corpus()
        for name in try FileSystem.names(in: corpus.archives) where name.hasPrefix("good") {
            var members = try ArchiveMembers(
                corpus.archives.appending(name), in: corpus.target.removingLastComponent())
            var sizes: [String: Int] = [:]
            while let (name, path) = try members.next() {
                sizes[name] = try FileSystem.status(of: path)?.size
                #expect(try corpus.leftovers().count == 1)
                try FileSystem.remove(path)
            }
            #expect(
                sizes.keys.sorted() == ["data/noise.bin", "empty", "run.sh", "été.txt"], "\(name)")
            #expect(sizes["data/noise.bin"] == 300_000 && sizes["empty"] == 0, "\(name)")
        }
        for name in try FileSystem.names(in: corpus.archives) where name.hasPrefix("bad-cut") {
            #expect(throws: AssayError.self, "\(name)") {
                var members = try ArchiveMembers(
                    corpus.archives.appending(name), in: corpus.target.removingLastComponent())
                while let (_, path) = try members.next() { try FileSystem.remove(path) }
            }
            #expect(try corpus.leftovers().isEmpty, "\(name)")
        }
    }

    @Test("what is hostile or hurt is refused with a reason, and nothing is left anywhere")
    func hostile() throws {
        let corpus = try Corpus()
        var limits = ArchiveLimits()
        limits.entries = 2000
        limits.free = 64 << 20
        let names = try FileSystem.names(in: corpus.archives).filter { $0.hasPrefix("bad-") }
        #expect(names.count > 50)
        for name in names {
            let error = #expect(throws: AssayError.self, "\(name)") {
                try ArchiveExtraction.extract(
                    corpus.archives.appending(name), into: corpus.target, limits: limits)
            }
            if let error {
                #expect(
                    [.damaged, .limit, .unsupported].contains(error.code), "\(name): \(error)")
            }
            #expect(try corpus.leftovers().isEmpty, "\(name)")
            #expect(!FileSystem.exists("/tmp/assay-was-here"), "\(name)")
            #expect(!FileSystem.exists(corpus.directory.path.appending("assay-was-here")))
        }
    }

    @Test("a reason names the entry and what it does")
    func reasons() throws {
        let corpus = try Corpus()
        let cases = [
            "bad-absolute.tar": "is an absolute path", "bad-dotdot.tar": "leads out with `..`",
            "bad-through-symlink.tar": "leads through the symlink d", "bad-fifo.tar": "is a FIFO",
            "bad-through-two-symlinks.tar": "is a symlink that leads out",
            "bad-setuid.tar": "setuid", "bad-case.tar": "differ only in case",
            "bad-twice.tar": "is there twice", "bad-device.tar": "is a device",
            "bad-cut-at-border.tar": "no end mark", "bad-trailing.tar": "follow its end",
            "bad-escape.tar": "control character", "bad-zeros.tar.gz": "bytes for each of its",
            "bad-deep.tar": "nested more than", "bad-twice.zip": "is there twice",
        ]
        for (name, reason) in cases {
            var limits = ArchiveLimits()
            limits.free = 64 << 20
            let error = #expect(throws: AssayError.self, "\(name)") {
                try ArchiveExtraction.extract(
                    corpus.archives.appending(name), into: corpus.target, limits: limits)
            }
            #expect(error?.message.contains(reason) == true, "\(name): \(error?.message ?? "")")
        }
    }

    @Test("an archive cut at any byte is an error, never a shorter tree")
    func truncation() throws {
        let corpus = try Corpus()
        for name in ["good.tar", "good.tar.gz", "good.tar.xz", "good.tar.zst", "good.zip"] {
            let whole = try FileSystem.read(corpus.archives.appending(name))
            let cut = corpus.archives.appending("cut")
            // Zeros behind a tar's end mark may be missing; nothing is lost with them.
            let end = name == "good.tar" ? (whole.lastIndex { $0 != 0 } ?? 0) + 512 : whole.count
            for step in 0..<60 {
                let length = end * step / 60
                try FileSystem.replace(cut, with: Array(whole[..<length]))
                #expect(throws: AssayError.self, "\(name) cut to \(length)") {
                    try ArchiveExtraction.extract(cut, into: corpus.target)
                }
                #expect(try corpus.leftovers().isEmpty)
            }
        }
    }

    @Test("an archive with a flipped bit is an error or the very same tree, and never hangs")
    func flippedBits() throws {
        let corpus = try Corpus()
        var random = SplitMix64(seed: 11)
        for name in ["good.tar.gz", "good.tar.xz", "good.tar.zst", "good.zip"] {
            let whole = try FileSystem.read(corpus.archives.appending(name))
            let expected = try digests(of: corpus, "\(name)")
            let flipped = corpus.archives.appending("flipped")
            for _ in 0..<60 {
                var bytes = whole
                let bit = Int.random(in: 0..<(bytes.count * 8), using: &random)
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                try FileSystem.replace(flipped, with: bytes)
                do throws(AssayError) {
                    _ = try ArchiveExtraction.extract(flipped, into: corpus.target)
                } catch {
                    continue
                }
                // Times, owners and hints of the container decide nothing.
                #expect(try contents(of: corpus.target) == expected, "\(name), bit \(bit)")
                try FileSystem.removeTree(corpus.target)
            }
        }
    }

    private func digests(of corpus: Corpus, _ name: String) throws -> [String: Digest] {
        _ = try ArchiveExtraction.extract(corpus.archives.appending(name), into: corpus.target)
        let found = try contents(of: corpus.target)
        try FileSystem.removeTree(corpus.target)
        return found
    }

    private func contents(of root: FilePath) throws -> [String: Digest] {
        var found: [String: Digest] = [:]
        for path in ["data/noise.bin", "empty", "run.sh", "été.txt"] {
            found[path] = Digest(of: try FileSystem.read(root.appending(path)))
        }
        return found
    }
}
