import AssayBundling
import AssayCore
import AssayGit
import AssayStore
import AssaySystem
import Glibc
import SystemPackage
import Testing

@Suite("tracking")
struct PinningTests {
    private func track(
        _ made: TestRepository, _ paths: [String]
    ) throws(AssayError) -> [Pinning.Outcome] {
        let root = made.root
        return try Pinning.track(
            paths.map { root.appending($0) }, directory: "",
            repository: Repository.discover(from: root),
            store: Store.create(at: made.directory.path.appending("store")))
    }

    private func status(_ made: TestRepository) throws -> [String: Pinning.Status.State] {
        let found = try Pinning.status(directory: "", repository: made.repository())
        return Dictionary(uniqueKeysWithValues: found.map { ($0.path, $0.state) })
    }

    @Test("a file is pinned once, with its part of the service, and followed through its changes")
    func life() throws {
        let made = try TestRepository.example()
        try made.git("add", "--all")
        try made.git("commit", "--quiet", "-m", "x")
        #expect(try status(made) == ["data/train.csv": .untracked])
        #expect(try track(made, ["data/train.csv"]).map(\.kind) == [.added])
        let before = try FileSystem.read(made.root.appending("assay.lock"))
        #expect(String(decoding: before, as: UTF8.self).contains("kind: data"))
        #expect(try track(made, ["data/train.csv"]).map(\.kind) == [.unchanged])
        #expect(try FileSystem.read(made.root.appending("assay.lock")) == before)
        #expect(try status(made) == ["data/train.csv": .unchanged])
        try made.write("data/train.csv", "a,b\n1,9\n")
        #expect(try status(made) == ["data/train.csv": .changed])
        #expect(try track(made, ["data/train.csv"]).map(\.kind) == [.updated])
        try FileSystem.remove(made.root.appending("data/train.csv"))
        #expect(try status(made) == ["data/train.csv": .missing])
    }

    @Test("a directory is its files; pins of files that are gone go too")
    func directories() throws {
        let made = try TestRepository.example()
        try made.write("data/b/c", "1")
        #expect(try track(made, ["data"]).map(\.path) == ["data/b/c", "data/train.csv"])
        try FileSystem.remove(made.root.appending("data/b/c"))
        let outcomes = try track(made, ["data"])
        #expect(outcomes.map(\.kind) == [.removed, .unchanged])
    }

    @Test("what cannot be pinned is refused, and assay.lock is left alone")
    func refused() throws {
        let made = try TestRepository.example()
        try made.commit()
        try made.write("outside-of-all", "x")
        _ = symlink("/etc/passwd", made.root.appending("data/passwd").string)
        _ = symlink(".", made.root.appending("data/loop").string)
        _ = mkfifo(made.root.appending("data/fifo").string, 0o600)
        let cases: [(String, String)] = [
            ("service/app.py", "git tracks it"), ("nowhere", "nothing is there"),
            ("data/passwd", "leads out"), ("data/loop", "symlink to a directory"),
            ("data/fifo", "neither a file"), ("..", "name the file"),
            ("data/../../store", "outside"),
            ("assay.yaml", "Assay's own"), (".git/config", ".git"), ("data", "leads out"),
        ]
        for (path, says) in cases {
            let error = #expect(throws: AssayError.self) { try track(made, [path]) }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains(says) || path == "data", "\(path): \(text)")
        }
        #expect(!FileSystem.exists(made.root.appending("assay.lock")))
    }

    @Test("a file that was taken out of git, or was only added to it, counts as the index says")
    func index() throws {
        let made = try TestRepository.example()
        try made.write("big.bin", "1")
        try made.commit()
        #expect(throws: AssayError.self) { try track(made, ["big.bin"]) }
        try made.git("rm", "--quiet", "--cached", "big.bin")
        #expect(try track(made, ["big.bin"]).map(\.kind) == [.added])
        try made.write("staged.bin", "2")
        try made.git("add", "staged.bin")
        #expect(throws: AssayError.self) { try track(made, ["staged.bin"]) }
    }

    @Test("a symlink that stays inside is followed, and its target's bytes are pinned")
    func insideLink() throws {
        let made = try TestRepository.example()
        _ = symlink("train.csv", made.root.appending("data/link.csv").string)
        #expect(try track(made, ["data/link.csv"]).map(\.size) == [8])
    }

    @Test("of several that track at once none loses a pin")
    func race() async throws {
        let made = try TestRepository.example()
        for index in 0..<16 { try made.write("data/\(index)", "\(index)") }
        let root = made.root
        let store = try made.store()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<16 {
                group.addTask {
                    _ = try Pinning.track(
                        [root.appending("data/\(index)")], directory: "",
                        repository: Repository.discover(from: root), store: store)
                }
            }
            try await group.waitForAll()
        }
        let text = String(
            decoding: try FileSystem.read(root.appending("assay.lock")), as: UTF8.self)
        for index in 0..<16 { #expect(text.contains("\"data/\(index)\"")) }
        _ = made
    }
}
