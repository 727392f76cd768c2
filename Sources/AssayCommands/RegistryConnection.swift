import AssayBundling
import AssayCore
import AssayRegistry
import AssayStore
import AssaySystem
import Glibc
import SystemPackage

/// A registry, a store, and what travels between them.
struct RegistryConnection: Sendable {
    let client: RegistryClient
    let store: Store
    /// Another repository of the registry, to take blobs from.
    let neighbour: String?
    /// Whether a push asks for each blob also of what the registry lists already.
    let isAsking: Bool
    let output: Output
    let plain: Bool

    /// Connects to a remote while `body` runs; an interrupt ends it.
    static func with<R: Sendable>(
        remote: String?, workspace: Workspace, store: Store, output: Output, plain: Bool,
        asking: Bool = false,
        _ body: @escaping @Sendable (RegistryConnection) async throws -> R
    ) async throws -> R {
        let settings = try RemoteSettings(workspace)
        let (_, location) = try settings.choose(remote)
        let neighbour = settings.neighbour(of: location)
        let environment = ProcessEnvironment.current
        let certificates = environment["ASSAY_CA_FILE"].flatMap {
            $0.isEmpty ? nil : FilePath($0)
        }
        if let certificates, !FileSystem.exists(certificates) {
            throw AssayError(
                .usage, "ASSAY_CA_FILE names \(certificates), which is not there",
                hint: "name a file of certificates in PEM, or unset it")
        }
        let options = RegistryOptions(
            certificates: certificates,
            credentials: CredentialFiles(environment: environment, user: getuid()),
            proxies: ProxySettings(environment: environment),
            onRetry: { output.note($0) })
        return try await Interruption().guarding {
            try await RegistryClient.with(location, options: options) { client in
                try await body(
                    RegistryConnection(
                        client: client, store: store, neighbour: neighbour, isAsking: asking,
                        output: output,
                        plain: plain))
            }
        }
    }

    /// Pushes an artifact under a tag; tells what moved.
    func push(_ what: String, _ manifest: Digest, tag: String) async throws -> TransferReport {
        try await moving("pushing \(what)") { progress in
            try await client.push(
                manifest, tag: tag, from: store, mounting: neighbour, asking: isAsking,
                progress: progress)
        }
    }

    /// Brings a whole artifact into the store; tells what moved.
    func pull(_ what: String, _ artifact: RemoteArtifact) async throws -> TransferReport {
        try await moving("pulling \(what)") { progress in
            try await client.pull(artifact, into: store, progress: progress)
        }
    }

    /// Brings some blobs into the store; tells what moved.
    func pull(_ what: String, _ blobs: [Layer]) async throws -> TransferReport {
        try await moving("pulling \(what)") { progress in
            try await client.pull(blobs, into: store, progress: progress)
        }
    }

    private func moving(
        _ attempt: String, _ body: (@escaping TransferProgress) async throws -> TransferReport
    ) async throws -> TransferReport {
        let line = ProgressLine(output: output, plain: plain)
        let started = ContinuousClock.now
        let result: Result<TransferReport, any Error>
        do {
            result = .success(
                try await body { done, total in
                    line.update(Self.text(attempt, done, total, ContinuousClock.now - started))
                })
        } catch { result = .failure(error) }
        line.finish()
        return try result.get()
    }

    static func text(
        _ attempt: String, _ done: Int, _ total: Int, _ elapsed: Duration
    ) -> String {
        let seconds = max(Double(elapsed.components.seconds), 1)
        let rate = Double(done) / seconds
        let left = rate > 0 ? Int(exactly: (Double(total - done) / rate).rounded()) : nil
        let words = left.map { "\($0) s left" } ?? "no end in sight"
        return "\(attempt): \(ByteCount(done)) of \(ByteCount(total)), "
            + "\(ByteCount(Int(exactly: rate.rounded()) ?? 0))/s, \(words)"
    }
}
