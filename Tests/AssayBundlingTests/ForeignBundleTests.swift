import AssayCore
import AssayGit
import AssayStore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayBundling

/// Manifests that carry the config of a bundle, and other files.
@Suite("bundles from elsewhere are what their id says")
struct ForeignBundleTests {
    private struct Made {
        let repository: TestRepository
        let store: Store
        let bundle: AssayBundling.Bundle

        /// A manifest with the bundle's own config and these files, in a store of its own.
        func forged(
            _ name: String, annotations: [String: String] = [:],
            _ change: (inout [FileEntry], Store) throws -> Void
        ) throws -> (Digest, Store) {
            let other = try repository.store(name)
            var files: [FileEntry] = []
            for file in bundle.files {
                let digest = try other.put(try store.contents(of: file))
                files.append(
                    FileEntry(path: file.path, mode: file.mode, size: file.size, digest: digest))
            }
            try change(&files, other)
            let manifest = try other.putArtifact(
                ArtifactDraft(
                    artifactType: BundleConfig.artifactType, configType: BundleConfig.mediaType,
                    config: bundle.config.bytes, files: files, annotations: annotations))
            return (manifest, other)
        }
    }

    private func make() throws -> Made {
        let made = try TestRepository.example()
        let store = try made.store()
        _ = try Pinning.track(
            [made.root.appending("data/train.csv")], directory: "", repository: made.repository(),
            store: store)
        let bundle = try BundleBuilder.build(
            repository: made.repository(), commit: made.commit(), directory: "", store: store)
        return Made(repository: made, store: store, bundle: bundle)
    }

    private static func replace(
        _ path: String, with text: String, in files: inout [FileEntry], _ store: Store
    ) throws {
        let bytes = Array(text.utf8)
        let entry = FileEntry(
            path: path, mode: .regular, size: bytes.count, digest: try store.put(bytes))
        files.removeAll { $0.path == path }
        files.append(entry)
    }

    @Test(
        "a changed, an added and a missing file of each component are refused",
        arguments: [
            "service/app.py", "data/train.csv", "model/model.txt", "requirements.lock",
        ])
    func files(path: String) throws {
        let made = try make()
        try #require(made.bundle.file(at: path) != nil)
        let (whole, good) = try made.forged("whole") { _, _ in }
        #expect(
            try BundleCatalog.adopt(manifest: whole, commits: [], store: good).id == made.bundle.id)
        let changes: [(String, (inout [FileEntry], Store) throws -> Void)] = [
            ("changed", { try Self.replace(path, with: "evil\n", in: &$0, $1) }),
            ("missing", { files, _ in files.removeAll { $0.path == path } }),
            ("beneath", { try Self.replace("\(path)/evil.py", with: "evil\n", in: &$0, $1) }),
            ("added", { try Self.replace("service/more.py", with: "evil\n", in: &$0, $1) }),
        ]
        for (name, change) in changes {
            let (manifest, store) = try made.forged(name, change)
            let error = #expect(throws: AssayError.self, "\(name)") {
                try BundleCatalog.adopt(manifest: manifest, commits: [], store: store)
            }
            #expect(error?.code == .digestMismatch, "\(name)")
            #expect(error?.message.contains(made.bundle.id.short) == true)
            #expect(try BundleCatalog.list(store: store).isEmpty)
            try importFails(made, manifest, store, name)
        }
    }

    /// The same through an archive.
    private func importFails(
        _ made: Made, _ manifest: Digest, _ store: Store, _ name: String
    ) throws {
        let artifact = try store.artifact(manifest)
        let forged = AssayBundling.Bundle(
            id: made.bundle.id, manifest: manifest, config: made.bundle.config,
            files: artifact.files, commits: [], isDirty: false)
        let archive = made.repository.directory.path.appending("\(name).tar")
        try forged.exportArchive(to: archive, store: store)
        let target = try made.repository.store("target-\(name)")
        let error = #expect(throws: AssayError.self, "\(name)") {
            try BundleImport.run(archive, store: target)
        }
        #expect(error?.code == .digestMismatch, "\(name)")
        #expect(try BundleCatalog.list(store: target).isEmpty)
    }

    @Test("a bundle that was built from changed files does not come in through an archive")
    func dirty() throws {
        let made = try make()
        let (manifest, store) = try made.forged(
            "dirty", annotations: [BundleCatalog.dirtyKey: "true"]
        ) { _, _ in }
        let bundle = try BundleCatalog.open(manifest: manifest, store: store)
        #expect(bundle.isDirty)
        let archive = made.repository.directory.path.appending("dirty.tar")
        try bundle.exportArchive(to: archive, store: store)
        let target = try made.repository.store("target")
        let error = #expect(throws: AssayError.self) {
            try BundleImport.run(archive, store: target)
        }
        #expect(error?.message.contains("built from changed files") == true)
        #expect(try BundleCatalog.list(store: target).isEmpty)
    }
}
