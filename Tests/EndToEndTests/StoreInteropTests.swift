import AssayCore
import AssayStore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

/// The store in the hands of other programs: skopeo, a registry, Python.
@Suite("The store and other programs")
struct StoreInteropTests {
    private static let programs = FilePath(#filePath).removingLastComponent().appending("Programs")

    @Test("a bundle goes through a directory, an archive and a registry and comes back the same")
    func roundTrip() async throws {
        let repository = try await ServiceRepository.make()
        try await repository.expect(0, "bundle", "create")
        let path = repository.path.appending(".assay/store")
        let work = repository.outside.appending("work")
        let (name, manifest) = try bundle(path)
        let outcome = try await Program.run(
            .name("bash"),
            [Self.programs.appending("round-trip.sh").string, path.string, name, work.string],
            in: repository.path)
        try #require(outcome.status == 0, "\(outcome.errors)")
        let digests = outcome.output.split(separator: "\n")
        #expect(digests == Array(repeating: Substring(manifest.hex), count: 5))

        let hashes = try await Program.run(
            .name("python3"), [Self.programs.appending("hash-blobs.py").string, path.string],
            in: repository.path)
        #expect(hashes.status == 0, "\(hashes.errors)")
        let blobs = path.appending("blobs/sha256")
        #expect(hashes.output == "\(try FileSystem.names(in: blobs).count)\n")

        // Each of the copies heals a store that lost everything the bundle needs.
        for copy in ["dir", "archive.tar", "back"] {
            for file in try FileSystem.names(in: blobs) {
                try FileSystem.remove(blobs.appending(file))
            }
            try await repository.expect(4, "store", "fsck")
            _ = try await repository.assay(
                "store", "fsck", "--repair", "--from", work.appending(copy).string)
            let whole = try await repository.assay("store", "fsck", "--full", "--json")
            #expect(!whole.output.contains("bundle/"), "\(copy) \(whole.output)")
        }
    }

    @Test("what was damaged is named with its exit code, and the commands say what to do next")
    func damage() async throws {
        let repository = try await ServiceRepository.make()
        try await repository.expect(0, "bundle", "create")
        let path = repository.path.appending(".assay/store")
        let (name, manifest) = try bundle(path)
        try FileSystem.remove(path.appending("blobs/sha256/\(manifest.hex)"))
        let check = try await repository.expect(4, "store", "fsck")
        #expect(check.output.contains("missing: blob \(manifest)"))
        #expect(check.output.contains("hurts \(name)"))
        #expect(check.output.hasSuffix("Next: assay store fsck --repair\n"))
        let gc = try await repository.expect(4, "store", "gc", "--apply")
        #expect(gc.errors.contains("assay store fsck --repair"))
        try await repository.expect(2, "store", "fsck", "--max-time", "3")
        try await repository.expect(2, "store", "fsck", "--sample", "101")
        try await repository.expect(2, "store", "gc", "--undo", "--apply")
        try await repository.expect(2, "store", "fsck", "--repair", "--from", "/nowhere")
        let archive = repository.path.appending("assay.yaml").string
        try await repository.expect(4, "store", "fsck", "--repair", "--from", archive)
    }

    @Test("promoted bundles, evidence and verdicts stay, and the rest can be seen before it goes")
    func promoted() async throws {
        let repository = try await ServiceRepository.make()
        try await repository.expect(0, "bundle", "create")
        try await repository.promoteToProd()
        // As if names were lost: only the ledger still knows the bundle.
        let store = repository.path.appending(".assay/store")
        let (name, manifest) = try bundle(store)
        try Store.open(at: store).deleteRef(name)
        for (verdict, _) in try Store.open(at: store).refs(in: "verdict") {
            try Store.open(at: store).deleteRef(verdict)
        }
        let plan = try await repository.expect(0, "store", "gc", "--grace", "0")
        #expect(plan.output.contains("it was promoted once"))
        #expect(plan.output.hasSuffix("Next: assay store gc --apply\n"))
        let done = try await repository.expect(0, "store", "gc", "--grace", "0", "--apply")
        #expect(done.output.contains("assay store gc --undo"))
        #expect(FileSystem.exists(store.appending("blobs/sha256/\(manifest.hex)")))
        try await repository.expect(0, "store", "fsck", "--full")
        let stats = try await repository.expect(0, "store", "stats")
        for word in ["capture/core", "evidence/scoring", "content/", "saved by sharing"] {
            #expect(stats.output.contains(word), "\(stats.output)")
        }
        let undo = try await repository.expect(0, "store", "gc", "--undo")
        #expect(undo.output.hasPrefix("put back"))
        try await repository.expect(0, "store", "gc", "--json")
        try await repository.expect(0, "store", "stats", "--json")
        // A store can be looked after where there is no repository.
        let outside = try await Program.assay(
            "store", "fsck", "--store", store.string, in: repository.outside)
        #expect(outside.status == 0, "\(outside.errors)")
    }

    private func bundle(_ path: FilePath) throws -> (name: String, manifest: Digest) {
        let refs = try Store.open(at: path).refs(in: "bundle")
        let first = try #require(refs.first)
        return (first.name, first.ref.digest)
    }
}
