public import AssayCore
import AssayStore
import NIOHTTP1

extension RegistryClient {
    /// A manifest as it came, checked against its digest.
    struct RemoteManifest: Sendable {
        let bytes: [UInt8]
        let digest: Digest
        let mediaType: String
    }

    /// What became of a manifest that was put.
    enum ManifestOutcome: Sendable {
        /// The registry has it.
        case stored
        /// The registry lacks blobs that it lists; empty if it did not say which.
        case missing([Digest])
    }

    private static let accepted = [
        MediaType.manifest, MediaType.index,
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    ]

    /// The largest manifest that is read; registries take at most 4 MiB.
    private static let largest = 4 << 20

    /// The manifest of a tag or a digest; `nil` if the registry has none.
    func manifest(_ reference: String) async throws(AssayError) -> RemoteManifest? {
        try await retrying {
            let answer = try await exchange(
                HTTPTransport.Request(
                    method: .GET, address: location.address("manifests/\(reference)"),
                    headers: Self.accepted.map { ("Accept", $0) }), access: .pull)
            switch answer.status {
            case 200: break
            case 404:
                try await discard(answer)
                return nil
            default: throw try await failure("pull manifest \(reference)", answer)
            }
            let bytes = try await transport.bytes(
                of: answer.response, from: answer.address, limit: Self.largest)
            let digest = Digest(of: bytes)
            let promised =
                Digest(reference) ?? answer.header("Docker-Content-Digest").flatMap { Digest($0) }
            guard promised == nil || promised == digest else {
                throw TransientFailure(
                    error: AssayError(
                        .digestMismatch,
                        "registry \(location.host) sent other bytes for manifest \(reference): they hash "
                            + "to \(digest)", hint: "nothing of it was kept"))
            }
            return RemoteManifest(
                bytes: bytes, digest: digest, mediaType: answer.header("Content-Type") ?? "")
        }
    }

    /// Gives the registry a manifest under its digest or a tag.
    func putManifest(
        _ bytes: [UInt8], mediaType: String, reference: String
    ) async throws(AssayError) -> ManifestOutcome {
        try await retrying {
            let answer = try await exchange(
                HTTPTransport.Request(
                    method: .PUT, address: location.address("manifests/\(reference)"),
                    headers: [("Content-Type", mediaType)], body: .bytes(bytes)), access: .push)
            if (200...299).contains(answer.status) {
                try await discard(answer)
                if answer.status != 201 { try await confirm(bytes, reference: reference) }
                return .stored
            }
            let failure = try await failure("push manifest \(reference)", answer)
            let unknown: Set = ["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN", "MANIFEST_UNKNOWN"]
            if let refused = failure as? RefusedRequest,
                !refused.fault.codes.isDisjoint(with: unknown)
            {
                return .missing(refused.fault.digests)
            }
            throw failure
        }
    }

    /// Looks whether a manifest is there after an answer that does not say so.
    private func confirm(_ bytes: [UInt8], reference: String) async throws {
        guard try await manifest(reference)?.digest == Digest(of: bytes) else {
            throw AssayError(
                .network,
                "registry \(location.host) took manifest \(reference), but has it not")
        }
    }

    /// All tags of the repository, over as many pages as there are; none if it does not exist yet.
    public func allTags() async throws(AssayError) -> [String] {
        var tags: [String] = []
        try await pages(from: location.address("tags/list?n=1000"), "list the tags") {
            (root) throws(AssayError) in
            tags += try root["tags"].ifPresent?.strings() ?? []
        }
        return tags
    }

    /// Reads the pages of a list; gives whether there was one at all.
    @discardableResult
    func pages(
        from first: WebAddress, _ attempt: String,
        _ take: (JSONReader) throws(AssayError) -> Void
    ) async throws(AssayError) -> Bool {
        var next: WebAddress? = first
        var seen: Set<WebAddress> = []
        var size = 0
        while let address = next {
            guard seen.insert(address).inserted, seen.count <= 10_000 else {
                throw AssayError(
                    .network,
                    "registry \(location.host) gives the same page of a list again and again")
            }
            let page: Page? = try await retrying { try await self.page(address, attempt) }
            guard let page else { return false }
            size += page.size
            guard size <= Self.largestList else {
                throw AssayError(
                    .limit,
                    "could not \(attempt): registry \(location.host) gives more than "
                        + "\(ByteCount(Self.largestList))",
                    hint: "name what is meant by its whole id, so that no list is needed")
            }
            try take(JSONReader(page.root, document: "a list of registry \(location.host)"))
            next = page.next
        }
        return true
    }

    /// The most bytes that all pages of a list may have.
    static let largestList = 64 << 20

    private struct Page: Sendable {
        let root: JSONValue
        let size: Int
        let next: WebAddress?
    }

    private func page(_ address: WebAddress, _ attempt: String) async throws -> Page? {
        let answer = try await exchange(
            HTTPTransport.Request(
                method: .GET, address: address,
                headers: [("Accept", "application/json"), ("Accept", MediaType.index)]),
            access: .pull)
        guard answer.status == 200 else {
            guard [400, 404, 405, 501].contains(answer.status) else {
                throw try await failure(attempt, answer)
            }
            try await discard(answer)
            return nil
        }
        let bytes = try await transport.bytes(
            of: answer.response, from: answer.address, limit: 16 << 20)
        let root = try JSONParser.parse(bytes, file: "a list of registry \(location.host)")
        let next = Self.next(answer.header("Link")).flatMap(answer.address.resolving)
        guard next == nil || next?.origin == location.base.origin else {
            throw AssayError(
                .network,
                "could not \(attempt): registry \(location.host) says that the list goes on at "
                    + "\(next?.authority ?? ""), which is another")
        }
        return Page(root: root, size: bytes.count, next: next)
    }

    /// The target of `<target>; rel="next"`, RFC 8288.
    static func next(_ link: String?) -> String? {
        guard let link, link.contains("next"), let start = link.firstIndex(of: "<"),
            let end = link.firstIndex(of: ">"), start < end
        else { return nil }
        return String(link[link.index(after: start)..<end])
    }
}
