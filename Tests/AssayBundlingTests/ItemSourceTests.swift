import AssayBundling
import AssayCore
import AssayGit
import AssayStore
import AssaySystem
import Foundation
import Glibc
import SystemPackage
import Testing

@Suite("sources of items")
struct ItemSourceTests {
    private static let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()
    static var dvc: FilePath { root.appending(".venv/bin/dvc") }

    @discardableResult
    private func run(
        _ program: String, _ arguments: [String], in directory: FilePath
    ) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory.string)
        var variables = ProcessInfo.processInfo.environment
        variables["DVC_NO_ANALYTICS"] = "1"
        process.environment = variables
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    private func build(_ made: TestRepository, _ store: Store) throws -> AssayBundling.Bundle {
        try BundleBuilder.build(
            repository: made.repository(), commit: made.commit(), directory: "", store: store)
    }

    /// The example with its data in a container.
    private func archived(_ path: String, kind: String = "archive") throws -> TestRepository {
        let made = try TestRepository.example()
        try made.write(
            "assay.yaml",
            TestRepository.definition.replacing(
                "path: data/train.csv, kind: table", with: "path: \(path), kind: \(kind)"))
        try made.write(".gitignore", "")
        try FileSystem.removeTree(made.root.appending("data"))
        try made.write("tree/a.csv", "a\n1\n")
        try made.write("tree/sub/run.sh", "#!/bin/sh\n", mode: 0o755)
        _ = symlink("a.csv", made.root.appending("tree/link").string)
        try made.write("data/.keep", "")
        return made
    }

    @Test("an archive's content counts, not its container, packing or times")
    func archives() throws {
        var ids: Set<Digest> = []
        var paths: [String] = []
        let ways: [(path: String, command: String)] = [
            ("data/t.tar", "tar -C tree -cf data/t.tar ."),
            (
                "data/t.tar.gz",
                "touch -d 2001-01-01 tree/a.csv; tar -C tree -czf data/t.tar.gz a.csv sub link"
            ),
            ("data/t.tar.xz", "tar -C tree --format=pax -cJf data/t.tar.xz ."),
            ("data/t.tar.zst", "tar -C tree -c . | zstd -q > data/t.tar.zst"),
            (
                "data/t.zip",
                "cd tree && python3 -c \"import zipfile as z, os, stat; a = z.ZipFile('../data/t.zip', 'w'); a.write('a.csv'); a.write('sub/run.sh'); i = z.ZipInfo('link'); i.create_system = 3; i.external_attr = (stat.S_IFLNK | 0o777) << 16; a.writestr(i, 'a.csv'); a.close()\""
            ),
        ]
        for way in ways {
            let made = try archived(way.path)
            try #require(try run("/bin/bash", ["-ec", way.command], in: made.root) == 0)
            let store = try made.store()
            let bundle = try build(made, store)
            ids.insert(bundle.id)
            paths = bundle.files.map(\.path).filter { $0.hasPrefix("data/") }
            #expect(paths == ["data/t/a.csv", "data/t/link", "data/t/sub/run.sh"], "\(way.path)")
            #expect(bundle.file(at: "data/t/sub/run.sh")?.mode == .executable)
            #expect(try bundle.verify(store: store).isEmpty)
        }
        #expect(ids.count == 1)
    }

    @Test("one packed file is unpacked to its content")
    func singleFile() throws {
        let made = try archived("data/a.csv.gz")
        try #require(
            try run("/bin/bash", ["-ec", "gzip -c tree/a.csv > data/a.csv.gz"], in: made.root) == 0)
        let store = try made.store()
        let bundle = try build(made, store)
        let file = try #require(bundle.file(at: "data/a.csv"))
        #expect(try store.contents(of: file) == Array("a\n1\n".utf8))
    }

    @Test("a hostile archive builds no bundle, and the error names it by its path")
    func hostile() throws {
        let made = try archived("data/t.tar")
        try #require(
            try run(
                "/bin/bash", ["-ec", "ln -s /etc tree/out; tar -C tree -cf data/t.tar ."],
                in: made.root) == 0)
        let store = try made.store()
        let error = #expect(throws: AssayError.self) { try build(made, store) }
        #expect(error?.message.contains("archive data/t.tar is refused") == true)
        #expect(error?.message.contains("absolute path") == true)
        #expect(try BundleCatalog.list(store: store).isEmpty)
    }

    @Test("a directory takes the files that its patterns select")
    func patterns() throws {
        let made = try archived(
            "parts, include: [\"**/*.csv\"], exclude: [\"tmp/**\"]", kind: "directory")
        for path in ["parts/a.csv", "parts/b/c.csv", "parts/tmp/d.csv", "parts/readme.md"] {
            try made.write(path, path)
        }
        let store = try made.store()
        let files = try build(made, store).files.map(\.path).filter { $0.hasPrefix("parts/") }
        #expect(files == ["parts/a.csv", "parts/b/c.csv"])
    }

    @Test("files of a submodule that was fetched are taken from its commit")
    func submodule() throws {
        let inner = try TestRepository()
        try inner.write("lib.py", "x = 1\n")
        try inner.commit()
        let made = try TestRepository.example()
        let store = try made.store()
        _ = try Pinning.track(
            [made.root.appending("data/train.csv")], directory: "", repository: made.repository(),
            store: store)
        try made.git("submodule", "--quiet", "add", inner.root.string, "service/vendor")
        let bundle = try build(made, store)
        let file = try #require(bundle.file(at: "service/vendor/lib.py"))
        #expect(try store.contents(of: file) == Array("x = 1\n".utf8))
        // The work tree of the submodule does not count, only its commit.
        try made.write("service/vendor/lib.py", "x = 2\n")
        #expect(try build(made, store).id == bundle.id)
    }

    @Test(
        "what a real DVC keeps, files and directories, comes out of its cache",
        .enabled("scripts/setup makes .venv with DVC in it") { FileSystem.exists(dvc) })
    func dataVersionControl() throws {
        let made = try archived("data/d", kind: "directory")
        let model = "tree\nversion=v4\n"
        try FileSystem.removeTree(made.root.appending("model"))
        try made.write("model/model.txt", model)
        try made.write("data/d/a.csv", "a\n1\n")
        try made.write("data/d/sub/b.csv", "b\n2\n")
        let plain = try build(made, made.store())
        try made.git("rm", "-r", "--quiet", "--cached", "data", "model")
        for arguments in [["init", "-q"], ["add", "-q", "data/d", "model/model.txt"]] {
            try #require(try run(Self.dvc.string, arguments, in: made.root) == 0)
        }
        try FileSystem.removeTree(made.root.appending("data/d"))
        try FileSystem.remove(made.root.appending("model/model.txt"))
        let store = try made.store("other")
        let bundle = try build(made, store)
        #expect(bundle.id == plain.id)
        let file = try #require(bundle.file(at: "data/d/sub/b.csv"))
        #expect(try store.contents(of: file) == Array("b\n2\n".utf8))

        // The pointer itself may be named.
        try made.write(
            "assay.yaml",
            String(decoding: try FileSystem.read(made.root.appending("assay.yaml")), as: UTF8.self)
                .replacing("model/model.txt", with: "model/model.txt.dvc"))
        #expect(try build(made, store).id == plain.id)

        // Content that is nowhere, and content that is hurt, are errors with the command that helps.
        let cache = made.root.appending(".dvc/cache/files/md5")
        for prefix in try FileSystem.names(in: cache) {
            let directory = cache.appending(prefix)
            for name in try FileSystem.names(in: directory) where !name.hasSuffix(".dir") {
                _ = chmod(directory.appending(name).string, 0o644)
                try FileSystem.replace(directory.appending(name), with: Array("hurt".utf8))
            }
        }
        let hurt = #expect(throws: AssayError.self) { try build(made, made.store("third")) }
        #expect(hurt?.code == .digestMismatch)
        try FileSystem.removeTree(cache)
        let lost = #expect(throws: AssayError.self) { try build(made, made.store("fourth")) }
        #expect(lost?.code == .notFound)
        #expect(lost?.hint?.contains("dvc pull data/d.dvc") == true)
    }
}
