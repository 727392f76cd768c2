import AssayBundling
import AssayCore
import AssayEnvironment
import AssayGit
import AssayStore
import AssaySystem
import Glibc
import SystemPackage
import Testing

@Suite("using bundles")
struct BundleUseTests {
    private func build(
        _ made: TestRepository, _ store: Store, _ message: String = "x"
    ) throws -> Bundle {
        let root = made.root
        if FileSystem.exists(root.appending("data/train.csv")) {
            _ = try Pinning.track(
                [root.appending("data/train.csv")], directory: "", repository: made.repository(),
                store: store)
        }
        return try BundleBuilder.build(
            repository: made.repository(), commit: made.commit(message), directory: "", store: store
        )
    }

    @Test("files are laid out read-only, with their links, whatever the umask")
    func materialise() async {
        // The umask is the process's, and other tests look at it.
        await #expect(processExitsWith: .success) {
            _ = umask(0o077)
            try BundleUseTests().checkLayout()
        }
    }

    private func checkLayout() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        _ = symlink("app.py", made.root.appending("service/main.py").string)
        let bundle = try build(made, store)
        let into = made.directory.path.appending("out")
        try bundle.materialise(into: into, store: store)
        #expect(try FileSystem.status(of: into.appending("service/app.py"))?.mode == 0o444)
        #expect(try FileSystem.status(of: into.appending("service/run.sh"))?.mode == 0o555)
        #expect(try FileSystem.status(of: into.appending("service/main.py"))?.kind == .symlink)
        #expect(
            try FileSystem.read(into.appending("service/main.py")) == Array("print('hello')\n".utf8)
        )
        let error = #expect(throws: AssayError.self) {
            try bundle.materialise(into: into, store: store)
        }
        #expect(error?.code == .usage)
        let tree = try bundle.materialisedTree(store: store)
        #expect(try bundle.materialisedTree(store: store) == tree)
        #expect(try FileSystem.status(of: tree)?.mode == 0o555)
        #expect(try FileSystem.status(of: tree.appending("service"))?.mode == 0o555)
        let cache = try FileSystem.names(in: tree.removingLastComponent())
        #expect(cache.allSatisfy { !$0.hasPrefix(".partial") })
    }

    @Test("files added to a tree are told; one that hides another has the tree laid out again")
    func addedToTree() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        let bundle = try build(made, store)
        let tree = try bundle.materialisedTree(store: store)
        #expect(try bundle.treeChanges(store: store) == TreeChanges())
        func add(_ path: String) throws {
            let place = tree.appending(path)
            _ = chmod(tree.string, 0o755)
            _ = chmod(tree.appending("service").string, 0o755)
            try FileSystem.makeDirectory(place.removingLastComponent())
            try OpenFile.creating(place).write([0x21])
        }
        try add("service/__pycache__/app.cpython-311.pyc")
        #expect(try bundle.treeChanges(store: store) == TreeChanges())
        try add("logs/today.log")
        try add("service/new.py")
        let ordinary = try bundle.treeChanges(store: store)
        #expect(ordinary.fault == nil)
        #expect(ordinary.added == ["logs/today.log", "service/new.py"])
        // Another replay may be serving from it.
        #expect(try bundle.materialisedTree(store: store) == tree)
        #expect(FileSystem.exists(tree.appending("logs/today.log")))

        try add("service/app.abi3.so")
        #expect(
            try bundle.treeChanges(store: store).fault
                == "service/app.abi3.so was added, which Python loads in place of service/app.py")
        #expect(try bundle.materialisedTree(store: store) == tree)
        #expect(!FileSystem.exists(tree.appending("service/app.abi3.so")))
        #expect(try bundle.treeChanges(store: store) == TreeChanges())
        _ = chmod(tree.appending("service").string, 0o755)
        try FileSystem.remove(tree.appending("service/app.py"))
        #expect(try bundle.treeChanges(store: store).fault == "service/app.py was changed")
    }

    @Test("a tree that somebody wrote into is laid out again, and the store is as it was")
    func changedTree() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        let bundle = try build(made, store)
        let tree = try bundle.materialisedTree(store: store)
        let file = tree.appending("model/model.txt")
        let whole = try FileSystem.read(file)
        #expect(chmod(file.string, 0o644) == 0)
        try OpenFile.open(file, flags: O_WRONLY, mode: 0).write([0x21])
        #expect(chmod(file.string, 0o444) == 0)
        #expect(try FileSystem.read(file) != whole)
        #expect(try bundle.verify(store: store).isEmpty)
        #expect(try bundle.materialisedTree(store: store) == tree)
        #expect(try FileSystem.read(file) == whole)
        #expect(chmod(file.removingLastComponent().string, 0o755) == 0)
        try FileSystem.remove(file)
        #expect(try bundle.materialisedTree(store: store) == tree)
        #expect(try FileSystem.read(file) == whole)
    }

    @Test("a link that was turned elsewhere is a change, and is laid out again")
    func turnedLink() throws {
        let made = try TestRepository.example()
        _ = symlink("app.py", made.root.appending("service/main.py").string)
        let store = try made.store()
        let bundle = try build(made, store)
        let tree = try bundle.materialisedTree(store: store)
        let link = tree.appending("service/main.py")
        #expect(chmod(tree.appending("service").string, 0o755) == 0)
        try FileSystem.remove(link)
        #expect(symlink("other.py", link.string) == 0)
        #expect(try bundle.treeChanges(store: store).fault == "service/main.py was changed")
        #expect(try bundle.materialisedTree(store: store) == tree)
        #expect(try FileSystem.target(of: link) == Array("app.py".utf8))
    }

    @Test("of several that lay out one bundle at once all get the same tree")
    func race() async throws {
        let made = try TestRepository.example()
        let store = try made.store()
        let bundle = try build(made, store)
        let trees = try await withThrowingTaskGroup(of: FilePath.self) { group in
            for _ in 0..<8 { group.addTask { try bundle.materialisedTree(store: store) } }
            var trees: Set<FilePath> = []
            for try await tree in group { trees.insert(tree) }
            return trees
        }
        #expect(trees.count == 1)
        _ = made
    }

    @Test("a damaged or lost file is named by its path, and not laid out")
    func damage() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        let bundle = try build(made, store)
        let hurt = try #require(bundle.file(at: "model/model.txt"))
        let extent = try #require(hurt.extents.first)
        let path = store.blobPath(extent.segment)
        var bytes = try FileSystem.read(path)
        bytes[extent.offset + extent.length / 2] ^= 1
        try FileSystem.replace(path, with: bytes)
        #expect(try bundle.verify(store: store).map(\.name) == ["model/model.txt"])
        #expect(throws: AssayError.self) { try bundle.materialisedTree(store: store) }
        try FileSystem.remove(path)
        #expect(
            try bundle.verify(store: store).map(\.name).contains("service/app.py"))
        #expect(throws: AssayError.self) { try bundle.materialisedTree(store: store) }
        #expect(throws: AssayError.self) { try bundle.materialisedTree(store: store) }
    }

    @Test(
        "two bundles that differ in one package's version run in different environments",
        .enabled("tests may use the network") {
            try ToolEnvironment.current()["ASSAY_OFFLINE"] == nil
        })
    func environments() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        let cache = made.directory.path.appending("venvs")
        let hashes = [
            "1.16.0": "8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254",
            "1.17.0": "4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274",
        ]
        var pythons: Set<FilePath> = []
        for (version, hash) in hashes {
            try made.write("requirements.lock", "six==\(version) --hash=sha256:\(hash)\n")
            let bundle = try build(made, store)
            let prepared = try VirtualEnvironment.prepare(
                bundle.environmentSpec(store: store), cache: cache)
            #expect(prepared.facts["package.six"] == version)
            pythons.insert(try #require(prepared.python))
        }
        #expect(pythons.count == 2)
    }

    @Test("each component's changes are told in its own words")
    func diff() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        let old = try build(made, store)
        try made.write("service/app.py", "print('hello, world')\n")
        try made.write("service/added.py", "\n")
        try made.git("rm", "--quiet", "config/service.toml")
        try made.write("config/features.yaml", "window: 4\nnames: [a, c]\nnew: true\n")
        try made.write(
            "model/model.txt", "tree\nversion=v4\nnum_class=2\n\nTree=0\nTree=1\nTree=2\n")
        let zeros = String(repeating: "0", count: 64)
        try made.write(
            "requirements.lock",
            "six==1.17.0 --hash=sha256:\(zeros)\nnumpy==2.0.0 --hash=sha256:\(zeros)\n")
        try made.write(
            "assay.yaml", TestRepository.definition.replacing("TZ: UTC", with: "TZ: CET"))
        let new = try build(made, store)
        let diff = try BundleDiff(old, new, store: store)
        #expect(diff.changed == ["code", "features", "weights", "environment"])
        #expect(diff.unchanged == ["data", "serve"])
        let names = diff.changes.map { "\($0.component) \($0.name) \($0.kind.rawValue)" }
        #expect(
            names == [
                "code config/service.toml removed", "code service/added.py added",
                "code service/app.py changed", "features config/features.yaml changed",
                "weights model changed", "environment numpy added", "environment six changed",
                "environment variable TZ changed",
            ])
        #expect(
            diff.changes[3].details == ["/names/1: b → c", "/new: added, true", "/window: 3 → 4"])
        #expect(
            diff.changes[4].summary
                == "model: LightGBM text, 2 → 3 trees, 2 equal, 1 setting changed")
        #expect(diff.changes[4].details == ["num_class: 1 → 2"])
        #expect(diff.changes[6].summary == "six: 1.16.0 → 1.17.0")
        let none = try BundleDiff(new, new, store: store)
        #expect(none.changes.isEmpty && none.changed.isEmpty)
    }
}

@Suite("bundle configs")
struct BundleConfigTests {
    @Test("a config is read back as it was written, and strange ones are refused")
    func roundTrip() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        let root = made.root
        _ = try Pinning.track(
            [root.appending("data/train.csv")], directory: "", repository: made.repository(),
            store: store)
        let config = try BundleBuilder.build(
            repository: made.repository(), commit: made.commit(), directory: "", store: store
        ).config
        #expect(try BundleConfig.parse(config.bytes, document: "x") == config)
        let text = String(decoding: config.bytes, as: UTF8.self)
        for (old, new) in [
            ("assay/bundle/v1", "assay/bundle/v2"), ("\"code\":{", "\"extra\":1,\"code\":{"),
            ("model/model.txt", "../model.txt"), ("\"venv\"", "\"conda\""),
            ("\"tree\"", "\"three\""),
        ] {
            #expect(text.contains(old))
            #expect(throws: AssayError.self) {
                try BundleConfig.parse(Array(text.replacing(old, with: new).utf8), document: "x")
            }
        }
        for length in stride(from: 0, to: config.bytes.count, by: 5) {
            #expect(throws: AssayError.self) {
                try BundleConfig.parse(Array(config.bytes.prefix(length)), document: "x")
            }
        }
    }
}
