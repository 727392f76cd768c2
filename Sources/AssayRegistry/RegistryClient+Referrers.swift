import AssayCore
import AssayStore

extension RegistryClient {
    /// The manifests that speak about a manifest, by the referrers API, or by the fallback tag
    /// `sha256-<hex>` of registries without it. Each once; `hasAPI` tells which it was.
    func referrers(
        of subject: Digest
    ) async throws(AssayError) -> (found: [Referrer], hasAPI: Bool) {
        var found: [Referrer] = []
        let hasAPI = try await pages(
            from: location.address("referrers/\(subject)"),
            "list what speaks about \(subject.short)"
        ) { (root) throws(AssayError) in
            for entry in try root["manifests"].ifPresent?.elements() ?? [] {
                found.append(try Referrer(entry))
            }
        }
        // A registry may have got its API after something was pushed by tag.
        if !hasAPI || found.isEmpty { found += try await tagged(subject) }
        var seen: Set<Digest> = []
        return (found.filter { seen.insert($0.digest).inserted }, hasAPI)
    }

    /// Makes a manifest that the registry has known as a referrer of its subject, in a registry that
    /// does not do so by itself.
    ///
    /// The fallback tag has no compare-and-swap. So after each write it is read again, at once and once
    /// more after a pause; whoever finds an entry lost writes it again.
    func addReferrer(_ referrer: Referrer, to subject: Digest) async throws(AssayError) {
        var entries: [Referrer] = []
        for attempt in 1...Self.rounds {
            var present = try await tagged(subject)
            // What was read before and is gone was overwritten by somebody who had not seen it.
            var lost = Self.missing(entries, in: present)
            if lost.isEmpty, Self.missing([referrer], in: present).isEmpty {
                if attempt > 1 { try await pause() }
                entries = present
                present = try await tagged(subject)
                lost = Self.missing(entries, in: present)
                if lost.isEmpty { return }
            }
            // What is written goes by the last look: others may have written since an earlier one.
            entries = present + lost
            if !entries.contains(where: { $0.digest == referrer.digest }) {
                entries.append(referrer)
            }
            let index: JSONValue = [
                "schemaVersion": 2, "mediaType": JSONValue(MediaType.index),
                "manifests": .array(
                    entries.sorted { $0.digest < $1.digest }.map(\.document)),
            ]
            let bytes = CanonicalJSON.encode(index)
            if case .missing = try await putManifest(
                bytes, mediaType: MediaType.index, reference: Self.fallbackTag(subject))
            {
                throw AssayError(
                    .network,
                    "registry \(location.host) lacks a manifest that speaks about \(subject.short)",
                    hint: "push it again")
            }
        }
        throw AssayError(
            .conflict,
            "the list of what speaks about \(subject.short) is being changed by others all the time",
            hint: "try again")
    }

    private static let rounds = 32

    /// The entries that a list has not.
    private static func missing(_ entries: [Referrer], in list: [Referrer]) -> [Referrer] {
        let known = Set(list.map(\.digest))
        return entries.filter { !known.contains($0.digest) }
    }

    static func fallbackTag(_ subject: Digest) -> String { "sha256-\(subject.hex)" }

    private func tagged(_ subject: Digest) async throws(AssayError) -> [Referrer] {
        guard let manifest = try await manifest(Self.fallbackTag(subject)) else { return [] }
        let name = "the index \(Self.fallbackTag(subject))"
        let root = JSONReader(try JSONParser.parse(manifest.bytes, file: name), document: name)
        var entries: [Referrer] = []
        for entry in try root["manifests"].ifPresent?.elements() ?? [] {
            entries.append(try Referrer(entry))
        }
        return entries
    }

    /// A pause of one to two times `retry.base`, so that racing writers do not meet again.
    private func pause() async throws(AssayError) {
        do {
            try await Task.sleep(for: options.retry.base * Double.random(in: 1...2))
        } catch { throw AssayError(.interrupted, "the transfer was interrupted") }
    }
}
