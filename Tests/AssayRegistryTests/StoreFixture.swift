import AssayCore
import AssayStore
import AssaySystem
import SystemPackage

@testable import AssayRegistry

/// A store in a directory of its own, with the means to put something into it.
///
/// `@unchecked Sendable`: it holds two paths that never change.
struct StoreFixture: ~Copyable, @unchecked Sendable {
    private let directory: TemporaryDirectory
    let store: Store
    /// The directory, for what a test keeps beside the store.
    var path: FilePath { directory.path }

    init() throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-registry-test-")
        let store = try Store.create(at: directory.path.appending("store"))
        self.init(directory: directory, store: store)
    }

    private init(directory: consuming TemporaryDirectory, store: Store) {
        self.directory = directory
        self.store = store
    }

    /// Bytes that look like nothing, the same for the same seed.
    static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
        var state = seed
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let word = state ^ (state >> 29)
            for shift in stride(from: 0, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return Array(bytes.prefix(count))
    }

    /// Stores an artifact with a layer of each of these sizes, and names it. Beside them it has three
    /// blobs: its config, a map, and the segment of the one small file that the map lists.
    func artifact(
        _ sizes: [Int], seed: UInt64 = 1, ref: String = "bundle/scoring/one"
    ) throws -> Digest {
        var layers: [Layer] = []
        for (index, size) in sizes.enumerated() {
            let bytes = Self.noise(size, seed: seed &+ UInt64(index) &* 1000)
            layers.append(
                Layer(
                    mediaType: "application/vnd.test", digest: try store.put(bytes), size: size))
        }
        let note = Array("a small file".utf8)
        let manifest = try store.putArtifact(
            ArtifactDraft(
                artifactType: "application/vnd.assay.bundle.v1+json",
                configType: "application/vnd.assay.bundle.config.v1+json",
                config: Array(#"{"seed":\#(seed)}"#.utf8),
                files: [
                    FileEntry(
                        path: "note", mode: .regular, size: note.count, digest: try store.put(note))
                ], layers: layers))
        try store.setRef(ref, to: manifest)
        return manifest
    }
}

/// Options that lose no time in tests.
func quick(
    retry: RetryPolicy = RetryPolicy(
        attempts: 4, base: .milliseconds(2), longest: .milliseconds(20)),
    stall: Duration = .seconds(20), slowest: Int = 1024,
    certificates: FilePath? = nil, credentials: CredentialFiles? = nil,
    onRetry: @escaping @Sendable (String) -> Void = { _ in }
) -> RegistryOptions {
    RegistryOptions(
        stall: stall, slowest: slowest, retry: retry, certificates: certificates,
        credentials: credentials, onRetry: onRetry)
}

/// Pushes an artifact to the tag `one` of a registry's `team/models`.
@discardableResult
func pushTagged(
    _ manifest: Digest, from store: Store, to host: String, _ options: RegistryOptions = quick()
) async throws -> TransferReport {
    try await RegistryClient.with(try RegistryTransferTests.location(host), options: options) {
        try await $0.push(manifest, tag: "one", from: store)
    }
}
