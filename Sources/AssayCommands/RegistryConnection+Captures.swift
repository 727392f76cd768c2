import AssayBundling
import AssayCapture
import AssayCore
import AssayRegistry
import AssayStore

extension RegistryConnection {
    /// Pushes a capture under its name; gives what moved.
    ///
    /// Throws `.conflict` if the registry has another capture of the name, unless `force`.
    func push(capture name: String, force: Bool) async throws -> Moved {
        let capture = try Capture.open("capture/\(name)", store: store)
        let tag = try RemoteTag.capture(name)
        if let present = try await client.artifact(tag: tag),
            present.listing.config.digest != capture.id, !force
        {
            throw AssayError(
                .conflict,
                "registry \(client.location.host) has another capture \(name), "
                    + "\(present.listing.config.digest.short), and here it is \(capture.id.short)",
                hint: "import yours under another name, or replace theirs with --force")
        }
        let report = try await push("capture \(name)", capture.manifest, tag: tag)
        return Moved("capture \(name)", "pushed", report)
    }

    /// Brings a capture into the store under its name; gives what moved.
    ///
    /// Throws `.conflict` if another capture has the name here, unless `force`, and `.digestMismatch`
    /// or `.damaged` for one that is not what its id says, which gets no name. Costs a read of it.
    func pull(capture name: String, force: Bool) async throws -> Moved {
        guard let artifact = try await client.artifact(tag: try RemoteTag.capture(name)) else {
            throw AssayError(
                .notFound, "registry \(client.location) has no capture \(name)",
                hint: "push it from where it was recorded with `assay push capture/\(name)`")
        }
        let ref = "capture/\(name)"
        let known = try store.ref(ref)
        if let known {
            let present = try Capture.open(manifest: known.digest, store: store)
            guard present.id == artifact.listing.config.digest || force else {
                throw AssayError(
                    .conflict,
                    "capture \(name) is \(present.id.short) here, and "
                        + "\(artifact.listing.config.digest.short) in registry \(client.location.host)",
                    hint: "replace yours with --force; it stays in the store's log")
            }
        }
        let report = try await pull("capture \(name)", artifact)
        if known?.digest != artifact.digest {
            try Capture.open(manifest: artifact.digest, store: store).verify()
        }
        try store.setRef(
            ref, to: artifact.digest, expecting: known.map { .exactly($0) } ?? .absent)
        return Moved("capture \(name)", "pulled", report)
    }

    /// Pushes the contents that an `assay.lock` pins; gives what moved, `nil` for none.
    func push(pins: PinFile) async throws -> Moved? {
        guard let key = PinArtifact.key(of: pins) else { return nil }
        let manifest = try PinArtifact.pack(pins, store: store)
        let report = try await push("pinned files", manifest, tag: RemoteTag.pins(key))
        return Moved("pinned files", "pushed", report)
    }

    /// Brings the contents that an `assay.lock` pins into the store, if one is missing there; gives
    /// the line that tells it, `nil` if there was nothing to do.
    func pull(pins: PinFile) async throws -> Moved? {
        let missing = try PinArtifact.missing(pins, in: store)
        guard let first = missing.first, let key = PinArtifact.key(of: pins) else { return nil }
        guard let artifact = try await client.artifact(tag: RemoteTag.pins(key)) else {
            throw AssayError(
                .notFound,
                "registry \(client.location) does not have what this assay.lock pins: \(first)"
                    + (missing.count > 1 ? " and \(missing.count - 1) more" : ""),
                hint: "push it from where it was tracked with `assay push`")
        }
        let report = try await pull("pinned files", artifact)
        try PinArtifact.keep(artifact.digest, store: store)
        return Moved("pinned files", "pulled", report)
    }
}
