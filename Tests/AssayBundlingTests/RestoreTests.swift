import AssayBundling
import AssayCore
import AssayGit
import AssayStore
import AssaySystem
import Glibc
import SystemPackage
import Testing

@Suite("putting tracked files back")
struct RestoreTests {
    private let made: TestRepository

    /// A repository with `data/train.csv` and `data/deep/b` tracked.
    init() throws {
        made = try TestRepository.example()
        try made.commit()
        try made.write("data/deep/b", "second")
        try track("data")
    }

    private func store() throws(AssayError) -> Store {
        try Store.create(at: made.directory.path.appending("store"))
    }

    private func track(_ path: String) throws {
        _ = try Pinning.track(
            [made.root.appending(path)], directory: "", repository: made.repository(),
            store: store())
    }

    private func restore(_ paths: [String] = [], force: Bool = false) throws(AssayError) -> [String]
    {
        try Pinning.restore(
            paths, directory: "", repository: Repository.discover(from: made.root),
            store: store(), force: force
        ).map(\.path)
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try FileSystem.read(made.root.appending(path)), as: UTF8.self)
    }

    private func refusal(_ paths: [String] = []) -> AssayError? {
        do throws(AssayError) {
            _ = try restore(paths)
            return nil
        } catch {
            return error
        }
    }

    @Test("missing files come back, in directories that are gone too, and only those")
    func missing() throws {
        let before = try text("data/train.csv")
        #expect(try restore() == [])
        try FileSystem.removeTree(made.root.appending("data"))
        #expect(try restore(["data/deep"]) == ["data/deep/b"])
        #expect(try text("data/deep/b") == "second")
        #expect(try FileSystem.status(of: made.root.appending("data/train.csv")) == nil)
        #expect(try restore([""]) == ["data/train.csv"])
        #expect(try text("data/train.csv") == before)
        // To be worked on, and nothing else is left beside it.
        let status = try FileSystem.status(of: made.root.appending("data/train.csv"))
        #expect(status?.mode == 0o644)
        #expect(
            try FileSystem.names(in: made.root.appending("data")).sorted() == ["deep", "train.csv"])
    }

    @Test(
        "the file of another commit is replaced, as the store has it; a change that nobody has is not"
    )
    func changed() throws {
        let lock = try FileSystem.read(made.root.appending("assay.lock"))
        let first = try text("data/train.csv")
        try made.write("data/train.csv", "a,b\n5,6\n")
        try track("data/train.csv")
        try FileSystem.replace(made.root.appending("assay.lock"), with: lock)
        #expect(try restore() == ["data/train.csv"])
        #expect(try text("data/train.csv") == first)

        try made.write("data/train.csv", "only here\n")
        try FileSystem.remove(made.root.appending("data/deep/b"))
        let error = try #require(refusal())
        #expect(
            error.code == .conflict && error.hint?.contains("assay track data/train.csv") == true)
        // All is looked at first.
        #expect(try text("data/train.csv") == "only here\n")
        #expect(try FileSystem.status(of: made.root.appending("data/deep/b")) == nil)
        #expect(try restore(force: true) == ["data/deep/b", "data/train.csv"])
        #expect(try text("data/train.csv") == first)
    }

    @Test("nothing is written through a symlink, nor over what is no file")
    func symlinks() throws {
        let outside = made.directory.path.appending("outside")
        try FileSystem.makeDirectory(outside)
        try FileSystem.removeTree(made.root.appending("data/deep"))
        #expect(symlink(outside.string, made.root.appending("data/deep").string) == 0)
        #expect(refusal()?.code == .conflict)
        #expect(try FileSystem.names(in: outside).isEmpty)
        try FileSystem.remove(made.root.appending("data/deep"))
        try FileSystem.makeDirectory(made.root.appending("data/deep/b"))
        #expect(refusal()?.message.contains("no plain file") == true)
    }

    @Test("a path without a pin and a content that the store lacks are told")
    func absent() throws {
        #expect(refusal(["data/other"])?.code == .usage)
        let lock = try text("assay.lock").replacing("size: 6", with: "size: 7")
        try made.write("assay.lock", lock)
        try FileSystem.remove(made.root.appending("data/deep/b"))
        #expect(refusal()?.code == .notFound)
    }
}
