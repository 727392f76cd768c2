import AssayCore
import AssayRegistry
import AssayStore
import AssaySystem
import AssayTestKit
import Subprocess
import SystemPackage
import Testing

/// A registry whose tags lead to other contents than their names say.
@Suite("A forged registry")
struct ForgedRegistryTests {
    @Test("a bundle or a capture with the config of another is not taken in, nor spoken about")
    func forged() async throws {
        try await RegistryServer.with { server in
            let location = "oci+http://\(server.host)/team/models"
            let service = try await ServiceRepository.make()
            try await service.expect(0, "remote", "add", "team", location)
            let id = try await service.expect(0, "bundle", "create").output.dropLast()
            let traffic = service.outside.appending("other.gor")
            try FileSystem.replace(traffic, with: ServiceRepository.traffic(count: 59))
            try await service.expect(0, "capture", "import", traffic.string, "--name", "other")

            let store = try Store.open(at: service.path.appending(".assay/store"))
            let bundle = try #require(try store.ref("bundle/scoring/\(id)"))
            var files = try store.artifact(bundle.digest).files
            let code = try #require(files.firstIndex { $0.path == "service/app.py" })
            let evil = Array("print('evil')\n".utf8)
            files[code] = FileEntry(
                path: "service/app.py", mode: files[code].mode, size: evil.count,
                digest: try store.put(evil))
            let changed = try Self.forge(bundle.digest, files: files, store)
            let other = try #require(try store.ref("capture/other"))
            let core = try #require(try store.ref("capture/core"))
            let layers = try store.artifact(other.digest).layers
            let recorded = try Self.forge(core.digest, layers: layers, store)
            try await RegistryClient.with(
                try RegistryLocation(location), options: RegistryOptions()
            ) { client in
                _ = try await client.push(changed, tag: "bundle-\(id)", from: store)
                _ = try await client.push(recorded, tag: "capture-core", from: store)
            }

            let empty = ["--store", service.outside.appending("empty").string]
            func assay(_ arguments: [String]) async throws -> Program.Outcome {
                try await Program.run(.path(Program.assay), arguments + empty, in: service.path)
            }
            for wish in [[String(id)], ["--all"], [String(id), "--component", "code"]] {
                let pulled = try await assay(["pull", "--only", "registry"] + wish)
                #expect(pulled.status == 4, "\(pulled.output)\(pulled.errors)")
                #expect(pulled.errors.contains("has other files than its id says, in its code"))
            }
            let captured = try await assay(["pull", "--only", "registry", "capture/core"])
            #expect(captured.status == 4, "\(captured.output)\(captured.errors)")
            #expect(captured.errors.contains("holds 59 exchanges"))
            let taken = try Store.open(at: service.outside.appending("empty"))
            #expect(try taken.refs(in: "bundle").isEmpty && taken.refs(in: "capture").isEmpty)
            // Nor is anything attached to the other one.
            let pushed = try await service.expect(4, "push", "HEAD", "--only", "registry")
            #expect(pushed.errors.contains("has other files than its id says"))
        }
    }

    /// A manifest with the config of another and these files or layers.
    private static func forge(
        _ manifest: Digest, files: [FileEntry] = [], layers: [Layer] = [], _ store: Store
    ) throws -> Digest {
        let genuine = try store.artifact(manifest)
        let listing = try store.listing(of: manifest)
        return try store.putArtifact(
            ArtifactDraft(
                artifactType: genuine.artifactType, configType: listing.config.mediaType,
                config: genuine.config, files: files, layers: layers))
    }
}
