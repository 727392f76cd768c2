import AssayBundling
import AssayCore
import AssayGit
import AssayStore
import AssaySystem
import Foundation
import Glibc
import SystemPackage
import Testing

/// Bundles out of repositories that are not plain clones.
@Suite("shapes of repositories")
struct RepositoryShapeTests {
    /// Runs a script beside the repository, with git that lets files be cloned and filtered.
    private func run(_ script: String, _ made: TestRepository) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        let settings = """
            git() {
                command git -c user.name=A -c user.email=a@example.org \
                    -c protocol.file.allow=always -c core.hooksPath=/dev/null "$@"
            }
            """
        process.arguments = ["-ec", settings + "\n" + script]
        process.currentDirectoryURL = URL(fileURLWithPath: made.directory.path.string)
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let text = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(text)")
    }

    /// The example, two commits, its data in git; and the id of its bundle.
    private func example() throws -> (made: TestRepository, id: Digest) {
        let made = try TestRepository.example()
        try made.write(".gitignore", "")
        try made.commit("first")
        try made.write("service/app.py", "print('hello again')\n")
        try made.git("config", "uploadpack.allowFilter", "true")
        try made.git("config", "uploadpack.allowAnySHA1InWant", "true")
        let bundle = try BundleBuilder.build(
            repository: made.repository(), commit: made.commit("second"), directory: "",
            store: made.store())
        return (made, bundle.id)
    }

    private func build(
        _ made: TestRepository, _ name: String, store: String? = nil
    ) throws -> AssayBundling.Bundle {
        let repository = try Repository.discover(from: made.directory.path.appending(name))
        return try BundleBuilder.build(
            repository: repository, commit: repository.resolve("HEAD"), directory: "",
            store: made.store(store ?? "store-\(name)"))
    }

    private func buildFromWorkTree(
        _ made: TestRepository, _ name: String
    ) throws -> AssayBundling.Bundle {
        let repository = try Repository.discover(from: made.directory.path.appending(name))
        return try BundleBuilder.buildFromWorkTree(
            repository: repository, commit: repository.resolve("HEAD"), directory: "",
            store: made.store("store-tree-\(name)"))
    }

    @Test("a shallow clone gives the same bundle; the difference says what history it lacks")
    func shallow() throws {
        let (made, id) = try example()
        try run("git clone -q --depth 1 \"file://$PWD/repo\" shallow", made)
        let new = try build(made, "shallow")
        #expect(new.id == id)
        #expect(try buildFromWorkTree(made, "shallow").id == id)
        let old = try BundleBuilder.build(
            repository: made.repository(), commit: made.repository().resolve("HEAD~1"),
            directory: "", store: made.store("store-old"))
        let clone = try Repository.discover(from: made.directory.path.appending("shallow"))
        #expect(try CodeHistory(old, new, repository: clone).gap?.contains("does not know") == true)
        try run("cd shallow; git fetch -q --unshallow", made)
        let whole = try Repository.discover(from: made.directory.path.appending("shallow"))
        let history = try CodeHistory(old, new, repository: whole)
        #expect(history.gap == nil && history.added.map(\.summary) == ["second"])
    }

    @Test(
        "a partial clone that lacks a file is refused with the command that fetches it",
        arguments: ["blob:none", "tree:0"])
    func partial(_ filter: String) throws {
        let (made, id) = try example()
        try run(
            "git clone -q --no-checkout --filter=\(filter) \"file://$PWD/repo\" partial", made)
        let error = #expect(throws: AssayError.self) { try build(made, "partial", store: "none") }
        #expect(error?.code == .notFound)
        if filter == "blob:none" {
            #expect(error?.message.contains("could not read assay.yaml of commit") == true)
        }
        let command = try #require(error?.hint?.firstMatch(of: /`(git archive [^`]*)`/)).output.1
        try run("cd partial; \(command.replacing("<commit>", with: "HEAD"))", made)
        #expect(try build(made, "partial").id == id)
    }

    @Test("a sparse checkout gives the same bundle, from the commit and from the work tree")
    func sparse() throws {
        let (made, id) = try example()
        try run("git clone -q repo sparse; cd sparse; git sparse-checkout set config", made)
        #expect(!FileSystem.exists(made.directory.path.appending("sparse/service/app.py")))
        #expect(try build(made, "sparse").id == id)
        #expect(try buildFromWorkTree(made, "sparse").id == id)
        // What is there counts, and what was removed from it is gone.
        try FileSystem.remove(made.directory.path.appending("sparse/config/service.toml"))
        #expect(try buildFromWorkTree(made, "sparse").file(at: "config/service.toml") == nil)
    }

    @Test("a sparse index is refused in words where it would be read")
    func sparseIndex() throws {
        let (made, id) = try example()
        try run(
            "git clone -q repo lean; cd lean; git sparse-checkout set --sparse-index config", made)
        #expect(try build(made, "lean").id == id)
        let error = #expect(throws: AssayError.self) { try buildFromWorkTree(made, "lean") }
        #expect(error?.code == .unsupported)
        let command = try #require(error?.hint?.firstMatch(of: /`(git [^`]*)`/)).output.1
        try run("cd lean; \(command)", made)
        #expect(try buildFromWorkTree(made, "lean").id == id)
    }

    @Test("a linked work tree gives the same bundle, and its submodules are its own")
    func linked() throws {
        let (made, id) = try example()
        let inner = try TestRepository()
        try inner.write("lib.py", "x = 1\n")
        try inner.commit()
        try run("git -C repo worktree add -q ../linked HEAD", made)
        #expect(try build(made, "linked").id == id)
        #expect(try buildFromWorkTree(made, "linked").id == id)
        try run(
            """
            cd linked; git checkout -q -b other
            git submodule --quiet add '\(inner.root)' service/vendor; git commit -qm module
            """, made)
        let bundle = try build(made, "linked", store: "with-module")
        #expect(bundle.file(at: "service/vendor/lib.py") != nil)
        #expect(try buildFromWorkTree(made, "linked").id == bundle.id)
    }

    @Test(
        "a submodule that was not fetched is named with the command; its work tree counts with --worktree"
    )
    func submodules() throws {
        let (made, _) = try example()
        let inner = try TestRepository()
        try inner.write("lib.py", "x = 1\n")
        try inner.commit()
        try made.git("submodule", "--quiet", "add", inner.root.string, "service/vendor")
        try made.commit("module")
        try run("git clone -q repo clone", made)
        let error = #expect(throws: AssayError.self) { try build(made, "clone", store: "none") }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("service/vendor") == true)
        let unfetched = #expect(throws: AssayError.self) { try buildFromWorkTree(made, "clone") }
        #expect(unfetched?.message.contains("service/vendor") == true)
        let command = try #require(error?.hint?.firstMatch(of: /`(git [^`]*)`/)).output.1
        try run("cd clone; \(command)", made)
        let bundle = try build(made, "clone")
        #expect(bundle.file(at: "service/vendor/lib.py") != nil)
        #expect(try buildFromWorkTree(made, "clone").id == bundle.id)
        try run("echo 'x = 2' > clone/service/vendor/lib.py", made)
        #expect(try build(made, "clone").id == bundle.id)
        #expect(try buildFromWorkTree(made, "clone").id != bundle.id)
    }

    @Test("symlinks that lead out, by their words or through others, build no bundle")
    func links() throws {
        for (links, reason) in [
            ([("service/out", "../../x")], "leads out"),
            ([("service/abs", "/etc/passwd")], "absolute path"),
            (
                [("service/a/b/up", "../.."), ("service/out", "a/b/up/../../x")],
                "through other links"
            ),
            ([("service/x", "y"), ("service/y", "x")], "circle"),
        ] {
            let (made, _) = try example()
            try FileSystem.makeDirectory(made.root.appending("service/a/b"))
            for (path, target) in links { _ = symlink(target, made.root.appending(path).string) }
            try made.commit("links")
            let store = try made.store("other")
            let error = #expect(throws: AssayError.self) {
                try BundleBuilder.build(
                    repository: made.repository(), commit: made.repository().resolve("HEAD"),
                    directory: "", store: store)
            }
            #expect(error?.code == .usage)
            #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
            #expect(try BundleCatalog.list(store: store).isEmpty)
        }
    }

    @Test("a pointer of Git LFS without its object is named with the command that fetches it")
    func largeFile() throws {
        let (made, _) = try example()
        let model = Array("tree\nversion=v4\nlarge\n".utf8)
        let digest = Digest(of: model)
        try made.write(
            "model/model.txt",
            "version https://git-lfs.github.com/spec/v1\noid sha256:\(digest.hex)\n"
                + "size \(model.count)\n")
        try made.commit("pointer")
        let error = #expect(throws: AssayError.self) { try build(made, "repo", store: "none") }
        #expect(error?.code == .notFound)
        #expect(error?.hint?.contains("git lfs pull --include model/model.txt") == true)
        let objects = made.root.appending(".git/lfs/objects")
            .appending(String(digest.hex.prefix(2)))
            .appending(String(digest.hex.dropFirst(2).prefix(2)))
        try FileSystem.makeDirectory(objects)
        try FileSystem.replace(objects.appending(digest.hex), with: Array("wrong".utf8))
        #expect(throws: AssayError.self) { try build(made, "repo", store: "wrong") }
        try FileSystem.replace(objects.appending(digest.hex), with: model)
        let bundle = try build(made, "repo", store: "whole")
        #expect(bundle.file(at: "model/model.txt")?.digest == digest)
        // A linked work tree shares the objects.
        try run("git -C repo worktree add -q ../linked HEAD", made)
        #expect(try build(made, "linked").id == bundle.id)
    }

    @Test("a pointer of DVC without its cache object is named with the command that fetches it")
    func dataVersionControl() throws {
        let (made, _) = try example()
        let model = "tree\nversion=v4\ndvc\n"
        try made.git("rm", "-q", "model/model.txt")
        try made.write(
            "model/model.txt.dvc",
            "outs:\n- md5: 00112233445566778899aabbccddeeff\n  size: \(model.utf8.count)\n"
                + "  path: model.txt\n")
        try made.commit("dvc")
        let error = #expect(throws: AssayError.self) { try build(made, "repo", store: "none") }
        #expect(error?.code == .notFound)
        #expect(error?.hint?.contains("dvc pull model/model.txt.dvc") == true)
    }
}
