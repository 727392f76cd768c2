import AssayBundling
import AssayCore
import AssayEnvironment
import AssayGit
import AssayStore
import AssaySystem
import Glibc
import SystemPackage
import Testing

@Suite("building bundles")
struct BundleBuilderTests {
    private func track(_ made: TestRepository, _ paths: String..., store: Store) throws {
        let root = made.root
        _ = try Pinning.track(
            paths.map { root.appending($0) }, directory: "", repository: made.repository(),
            store: store)
    }

    private func build(
        _ made: TestRepository, _ commit: CommitID, _ store: Store
    ) throws(AssayError) -> Bundle {
        try BundleBuilder.build(
            repository: Repository.discover(from: made.root), commit: commit, directory: "",
            store: store)
    }

    @Test("a bundle holds the declared files at their paths, and nothing else")
    func contents() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        try track(made, "data/train.csv", store: store)
        let commit = try made.commit()
        let bundle = try build(made, commit, store)
        #expect(
            bundle.files.map(\.path) == [
                "config/features.yaml", "config/service.toml", "data/train.csv", "model/model.txt",
                "requirements.lock", "service/app.py", "service/run.sh",
            ])
        #expect(bundle.file(at: "service/run.sh")?.mode == .executable)
        #expect(bundle.config.component(ofFile: "config/features.yaml") == "features")
        #expect(bundle.config.component(ofFile: "config/service.toml") == "code")
        #expect(bundle.config.component(ofFile: "requirements.lock") == "environment")
        #expect(bundle.commits == ["\(commit)"])
        #expect(!bundle.isDirty)
        #expect(bundle.config.data[0].digest == Digest(of: "a,b\n1,2\n".utf8))
        #expect(
            try BundleCatalog.list(service: "flight-delay", store: store).map(\.id) == [bundle.id])
        #expect(try bundle.verify(store: store).isEmpty)
        let spec = try bundle.environmentSpec(store: store)
        #expect(spec.lock?.starts(with: "six==1.16.0".utf8) == true)
        #expect(spec.variables == ["TZ": "UTC"])
    }

    @Test("the id is of the content: another path, time and commit give the same")
    func reproducible() throws {
        let first = try TestRepository.example()
        let store = try first.store()
        try track(first, "data/train.csv", store: store)
        let bundle = try build(first, first.commit("one"), store)

        let second = try TestRepository.example()
        let otherStore = try second.store("another/store")
        try track(second, "data/train.csv", store: otherStore)
        let again = try build(second, second.commit("quite another message"), otherStore)
        #expect(again.id == bundle.id)
        #expect(again.config == bundle.config)
        #expect(again.files == bundle.files)
        #expect(again.commits != bundle.commits)
    }

    @Test("another commit with equal content keeps the manifest and is added to the commits")
    func otherCommit() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        try track(made, "data/train.csv", store: store)
        let one = try made.commit("one")
        let first = try build(made, one, store)
        try made.write("README", "not code\n")
        try made.write("gate.yaml", "not code either\n")
        let two = try made.commit("two")
        let second = try build(made, two, store)
        #expect(second.id == first.id)
        #expect(second.manifest == first.manifest)
        #expect(second.commits == ["\(one)", "\(two)"])
        #expect(try build(made, one, store).commits == ["\(one)", "\(two)"])
    }

    @Test("capture settings do not change the id, what decides answers does")
    func captureSettings() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        try track(made, "data/train.csv", store: store)
        let id = try build(made, made.commit(), store).id
        try made.write(
            "assay.yaml", TestRepository.definition + "capture: {session: {header: x-a}}\n# note\n")
        #expect(try build(made, made.commit(), store).id == id)
        try made.write(
            "assay.yaml", TestRepository.definition.replacing("TZ: UTC", with: "TZ: CET"))
        #expect(try build(made, made.commit(), store).id != id)
    }

    @Test("a service in a directory of its own has the same id as at the root")
    func directory() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        try track(made, "data/train.csv", store: store)
        let id = try build(made, made.commit(), store).id
        try made.git(
            "mv", "assay.yaml", "assay.lock", "service", "config", "model", "requirements.lock",
            "-k", ".")
        try FileSystem.makeDirectory(made.root.appending("a/b"))
        for name in ["assay.yaml", "assay.lock", "service", "config", "model", "requirements.lock"]
        {
            try made.git("mv", name, "a/b/")
        }
        let moved = try BundleBuilder.build(
            repository: made.repository(), commit: made.commit(), directory: "a/b", store: store)
        #expect(moved.id == id)
    }

    @Test("data that is pinned comes from the store, or from a work tree with the same bytes")
    func pins() throws {
        let made = try TestRepository.example()
        try track(made, "data/train.csv", store: made.store())
        let commit = try made.commit()
        let empty = try made.store("empty")
        let bundle = try build(made, commit, empty)
        let file = try #require(bundle.file(at: "data/train.csv"))
        #expect(try empty.contents(of: file) == Array("a,b\n1,2\n".utf8))
        // Other bytes in the work tree: the pin decides.
        try made.write("data/train.csv", "a,b\n1,3\n")
        #expect(try build(made, commit, empty).id == bundle.id)
        let other = try made.store("other")
        let error = #expect(throws: AssayError.self) { try build(made, commit, other) }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("other bytes") == true)
        #expect(error?.hint?.contains("assay track data/train.csv") == true)
        #expect(try BundleCatalog.list(store: other).isEmpty)
    }

    @Test("what is nowhere is named, with the command that helps")
    func missing() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        let commit = try made.commit()
        let error = #expect(throws: AssayError.self) { try build(made, commit, store) }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("data train") == true)
        #expect(error?.hint?.contains("assay track data/train.csv") == true)
        #expect(try BundleCatalog.list(store: store).isEmpty)
    }

    /// Changes that make a bundle impossible, and what the error says of them.
    static let faults:
        [(name: String, change: @Sendable (TestRepository) throws -> Void, says: String)] = [
            (
                "no definition", { try FileSystem.remove($0.root.appending("assay.yaml")) },
                "assay init"
            ),
            (
                "no code",
                {
                    try $0.write(
                        "assay.yaml",
                        TestRepository.definition.replacing("service/**", with: "src/**").replacing(
                            "config/**", with: "lib/**"))
                }, "no file"
            ),
            (
                "no lock", { try $0.write(".git/info/exclude", "requirements.lock\n") },
                "requirements.lock"
            ),
            (
                "a lock without hashes", { try $0.write("requirements.lock", "six==1.16.0\n") },
                "no --hash"
            ),
            (
                "a large-file pointer",
                {
                    try $0.write(
                        "model/model.txt",
                        "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "1", count: 64))\nsize 5\n"
                    )
                }, "git lfs pull"
            ),
            (
                "a DVC file",
                {
                    try $0.write("assay.lock", "schema: assay/lock/v1\npins: []\n");
                    try $0.write(
                        "data/train.csv.dvc",
                        "outs:\n- md5: 8d777f385d3dfec8815d20f7496026dc\n  size: 4\n  hash: md5\n  path: train.csv\n"
                    );
                    try $0.git("add", "--force", "data/train.csv.dvc")
                }, "dvc pull"
            ),
            (
                "a link that leads out",
                { _ = symlink("../../secret", $0.root.appending("service/link").string) },
                "leads out"
            ),
            (
                "an absolute link",
                { _ = symlink("/etc/passwd", $0.root.appending("service/link").string) }, "absolute"
            ),
            (
                "a submodule",
                {
                    try $0.git("add", "--all");
                    try $0.git(
                        "update-index", "--add", "--cacheinfo",
                        "160000,\(String(repeating: "1", count: 40)),service/vendor");
                    try $0.git("commit", "--quiet", "-m", "x")
                }, "submodule"
            ),
            ("a damaged pin file", { try $0.write("assay.lock", "<<<<<<< HEAD\n") }, "conflict"),
        ]

    @Test(
        "what cannot be built is refused in words, and leaves no bundle", arguments: faults.indices)
    func refused(_ index: Int) throws {
        let fault = Self.faults[index]
        let made = try TestRepository.example()
        let store = try made.store()
        try track(made, "data/train.csv", store: store)
        try fault.change(made)
        if fault.name != "a submodule" { try made.commit() }
        let commit = try made.repository().resolve("HEAD")
        let error = #expect(throws: AssayError.self) { try build(made, commit, store) }
        guard let error else { return }
        #expect("\(error) \(error.hint ?? "")".contains(fault.says), "\(fault.name): \(error)")
        #expect(try BundleCatalog.list(store: store).isEmpty)
    }

    @Test("a large file that git lfs has fetched is taken in place of its pointer")
    func largeFile() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        try track(made, "data/train.csv", store: store)
        let id = try build(made, made.commit(), store).id
        let bytes = try FileSystem.read(made.root.appending("model/model.txt"))
        let hex = Digest(of: bytes).hex
        try made.write(
            "model/model.txt",
            "version https://git-lfs.github.com/spec/v1\noid sha256:\(hex)\nsize \(bytes.count)\n")
        try made.write(
            ".git/lfs/objects/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)",
            String(decoding: bytes, as: UTF8.self))
        let commit = try made.commit()
        let fresh = try made.store("fresh")
        #expect(try build(made, commit, fresh).id == id)
    }

    @Test("a directory of data may be held by git and by pins together")
    func mixedDirectory() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        try made.write(
            "assay.yaml",
            TestRepository.definition.replacing("path: data/train.csv", with: "path: data"))
        try made.write("data/small.csv", "1\n")
        try made.write("data/empty", "")
        try made.git("add", "--force", "data/small.csv")
        try track(made, "data/train.csv", "data/empty", store: store)
        let bundle = try build(made, made.commit(), store)
        #expect(
            bundle.files.filter { $0.path.hasPrefix("data/") }.map(\.path) == [
                "data/empty", "data/small.csv", "data/train.csv",
            ])
        let into = made.directory.path.appending("out")
        try bundle.materialise(into: into, store: store)
        #expect(try FileSystem.read(into.appending("data/empty")).isEmpty)
    }

    @Test("a work tree gives a dirty bundle, and a commit of the same content a clean one")
    func workTree() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        try track(made, "data/train.csv", store: store)
        let clean = try build(made, made.commit(), store)
        try made.write("service/app.py", "print('changed')\n")
        try made.write("service/new.py", "print('new')\n")
        try made.write("service/ignored.pyc", "x")
        try made.write(".git/info/exclude", "*.pyc\n")
        let dirty = try BundleBuilder.buildFromWorkTree(
            repository: made.repository(), commit: nil, directory: "", store: store)
        #expect(dirty.isDirty && dirty.id != clean.id)
        #expect(dirty.file(at: "service/new.py") != nil)
        #expect(dirty.file(at: "service/ignored.pyc") == nil)
        let commit = try made.commit()
        let committed = try build(made, commit, store)
        #expect(committed.id == dirty.id)
        #expect(!committed.isDirty && committed.commits == ["\(commit)"])
        // And dirt does not come back.
        let again = try BundleBuilder.buildFromWorkTree(
            repository: made.repository(), commit: commit, directory: "", store: store)
        #expect(!again.isDirty && again.manifest == committed.manifest)
    }
}
