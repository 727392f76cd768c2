import AssayCore
import AssayStore
import NIOCore
import NIOHTTP1

extension RegistryClient {
    /// Whether the registry has a blob of that digest and size; asked once as long as it has it.
    func hasBlob(_ blob: Layer) async throws(AssayError) -> Bool {
        if confirmed.contains(blob.digest) { return true }
        let isThere = try await retrying { try await head(blob) }
        if isThere { confirmed.insert(blob.digest) }
        return isThere
    }

    private func head(_ blob: Layer) async throws -> Bool {
        let request = HTTPTransport.Request(
            method: .HEAD, address: location.address("blobs/\(blob.digest)"))
        let answer = try await exchange(request, access: .push)
        switch answer.status {
        case 200:
            try await discard(answer)
            return answer.header("Content-Length").flatMap { Int($0) }.map { $0 == blob.size }
                ?? true
        case 404:
            try await discard(answer)
            return false
        default: throw try await failure("look for blob \(blob.digest.short)", answer)
        }
    }

    /// What became of a blob that was to be brought to the registry.
    enum Upload: Sendable { case sent, mounted, present }

    /// Brings a blob of a store to the registry: out of another of its repositories if one is named
    /// and has it, else by one POST and one PUT of the whole.
    ///
    /// An attempt after a failure looks first whether the one before arrived after all.
    func putBlob(
        _ blob: Layer, from store: Store, mounting other: String? = nil
    ) async throws(AssayError) -> Upload {
        var isFirst = true
        return try await retrying {
            if !isFirst, try await head(blob) { return .sent }
            isFirst = false
            let started = try await start(blob, mounting: other)
            switch started.status {
            case 202: break
            case 201:
                // Right after a mount, and what some registries say for 202; only the blob counts.
                try await discard(started)
                if try await head(blob) { return other == nil ? .present : .mounted }
                throw TransientFailure(
                    error: AssayError(
                        .network,
                        "registry \(location.host) says that it has blob \(blob.digest.short), but has it not",
                        hint: "ask whoever runs it to look at its storage"))
            default:
                throw try await failure("start the upload of blob \(blob.digest.short)", started)
            }
            try await discard(started)
            guard let place = started.header("Location").flatMap(started.address.resolving) else {
                throw AssayError(
                    .network,
                    "registry \(location.host) does not say where blob \(blob.digest.short) should go",
                    hint: "it does not follow the OCI distribution specification; try another"
                )
            }
            try await send(blob, from: store, to: place)
            return .sent
        }
    }

    /// Asks for the upload of a blob. An account that may not read the other repository goes on
    /// without it.
    private func start(_ blob: Layer, mounting other: String?) async throws -> Answer {
        let address = location.address("blobs/uploads/")
        if let other, !confirmed.isClosed(other) {
            let mount = address.adding("mount", blob.digest.description).adding("from", other)
            do {
                let started = try await exchange(
                    HTTPTransport.Request(method: .POST, address: mount), access: .mount(other))
                guard started.status == 401 || started.status == 403 else { return started }
                try await discard(started)
            } catch is DeniedAccess {
                // The token service refuses to the whole what it may give to a part.
            }
            confirmed.close(other)
        }
        return try await exchange(
            HTTPTransport.Request(method: .POST, address: address), access: .push)
    }

    private func send(_ blob: Layer, from store: Store, to place: WebAddress) async throws {
        let request = HTTPTransport.Request(
            method: .PUT, address: place.adding("digest", blob.digest.description),
            headers: [("Content-Type", "application/octet-stream")],
            body: .file(FileBody(path: store.blobPath(blob.digest), size: blob.size)))
        let answer = try await exchange(request, access: .push)
        if (200...299).contains(answer.status) {
            try await discard(answer)
            if answer.status == 201 { return }
            // Any other success is not what the specification asks for, so it is not believed.
            guard try await head(blob) else {
                throw TransientFailure(
                    error: AssayError(
                        .network,
                        "registry \(location.host) answered with status \(answer.status) to blob "
                            + "\(blob.digest.short), but has it not",
                        hint: "ask whoever runs it to look at its storage"))
            }
            return
        }
        let failure = try await failure("push blob \(blob.digest.short)", answer)
        guard let refused = failure as? RefusedRequest else { throw failure }
        let damaged: Set = ["DIGEST_INVALID", "SIZE_INVALID"]
        if !refused.fault.codes.isDisjoint(with: damaged) {
            // Either the blob is damaged here, which is said, or its bytes were on the way.
            try store.verify(blob.digest)
            throw TransientFailure(error: refused.error)
        }
        if answer.status == 404 || answer.status == 416 {
            // The upload was forgotten: another begins from the start.
            throw TransientFailure(error: refused.error)
        }
        throw refused
    }

    /// Brings a blob of the registry into a store, checked, without keeping a byte that is not.
    ///
    /// A transfer that was cut goes on at the byte where it stopped, if the registry can. Gives the
    /// bytes that came. Throws `.notFound` if the registry has no such blob, `.digestMismatch` if it
    /// keeps giving other bytes.
    func getBlob(_ blob: Layer, into store: Store) async throws(AssayError) -> Int {
        var received = 0
        var restarts = 0
        var incoming = try IncomingBlob(blob, store: store)
        try await retrying {
            do {
                try await receive(into: incoming)
            } catch let failure as WrongBytes {
                received += incoming.received
                restarts += 1
                // What came before the wrong bytes was progress to no end, so this is counted apart.
                guard restarts < options.retry.attempts else {
                    throw AssayError(
                        failure.error.code, "\(failure.error.message), \(restarts) times",
                        hint: failure.error.hint)
                }
                incoming = try IncomingBlob(blob, store: store)
                throw TransientFailure(error: failure.error)
            }
        }
        return received + incoming.received
    }

    private func receive(into incoming: IncomingBlob) async throws {
        let blob = incoming.blob
        let before = incoming.size
        var request = HTTPTransport.Request(
            method: .GET, address: location.address("blobs/\(blob.digest)"))
        if before > 0 { request.headers = [("Range", "bytes=\(before)-")] }
        let answer = try await exchange(request, access: .pull)
        var skip = 0
        switch answer.status {
        case 200: skip = before
        case 206:
            guard let start = Self.start(ofRange: answer.header("Content-Range")), start <= before
            else {
                throw incoming.wrong(
                    "registry \(location.host) sends another part than was asked for")
            }
            skip = before - start
        case 404:
            try await discard(answer)
            throw AssayError(
                .notFound,
                "registry \(location.host) has no blob \(blob.digest) in \(location.repository)",
                hint: "push it again from where it still is, with `assay push`")
        case 416: throw incoming.wrong("registry \(location.host) does not give the rest")
        default: throw try await failure("pull blob \(blob.digest.short)", answer)
        }
        do {
            try await transport.read(answer.response, from: answer.address) { part in
                let dropped = min(skip, part.readableBytes)
                skip -= dropped
                try incoming.write(part.readableBytesView.dropFirst(dropped), from: location.host)
            }
        } catch var failure as TransientFailure {
            failure.madeProgress = incoming.size - before >= 1 << 16
            throw failure
        }
        guard incoming.size == blob.size else {
            throw TransientFailure(
                error: AssayError(
                    .network,
                    "registry \(location.host) sent \(incoming.size) of the \(blob.size) bytes of blob "
                        + "\(blob.digest.short)", hint: "try again; what arrived whole is kept"),
                madeProgress: incoming.size - before >= 1 << 16)
        }
        try incoming.finish(from: location.host)
    }

    /// The first byte of `bytes START-END/SIZE`.
    static func start(ofRange text: String?) -> Int? {
        guard let text, text.hasPrefix("bytes ") else { return nil }
        return Int(text.dropFirst(6).prefix { $0 != "-" })
    }
}

/// Bytes that are not those of the blob; nothing of them is kept.
struct WrongBytes: Error {
    let error: AssayError
}
