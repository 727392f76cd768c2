import AssayBundling
import AssayCore
import AssayGit
import AssayPromotion
import AssayStore
import AssaySystem
import SystemPackage

/// Brings what a build or a replay is about to need and this store lacks, if a registry is known.
struct LazyPull {
    let workspace: Workspace
    let store: Store
    let output: Output
    let plain: Bool

    /// Brings what the names of bundles mean, the pinned files of a revision and the bundle of a stage,
    /// and captures by their names.
    ///
    /// Does nothing, and asks nobody, where everything is here or no remote is known. A capture that no
    /// remote has is left to who needs it.
    func prepare(_ names: [String], captures: [String]) async throws {
        let settings = try RemoteSettings(workspace)
        guard !settings.names.isEmpty else { return }
        for name in captures {
            guard let wish = try wish(capture: name) else { continue }
            for remote in settings.names {
                do {
                    try await pull([wish], from: remote)
                    break
                } catch let error as AssayError where error.code == .notFound {
                    continue
                }
            }
        }
        var wishes: [PullWish] = []
        for name in names { wishes += [try wish(name)].compactMap { $0 } }
        try await pull(wishes, settings)
    }

    /// Brings the contents of some pins of the work tree that the store lacks: as they were pushed with
    /// the pins beside them, or with those of HEAD.
    func prepare(_ wanted: PinFile, of pins: PinFile) async throws {
        let settings = try RemoteSettings(workspace)
        guard !settings.names.isEmpty, try !PinArtifact.missing(wanted, in: store).isEmpty else {
            return
        }
        do {
            try await pull([.pins(pins)], settings)
        } catch let error as AssayError where error.code == .notFound {
            guard let head = try workspace.repository.reference("HEAD") else { throw error }
            let committed = try PinArtifact.pins(
                at: head, directory: workspace.servicePath, repository: workspace.repository)
            guard committed != pins else { throw error }
            try await pull([.pins(committed)], settings)
        }
    }

    private func pull(_ wishes: [PullWish], _ settings: RemoteSettings) async throws {
        guard !wishes.isEmpty else { return }
        for (index, remote) in settings.names.enumerated() {
            do {
                return try await pull(wishes, from: remote)
            } catch let error as AssayError {
                // Another registry may have it.
                guard error.code == .notFound, index + 1 < settings.names.count else { throw error }
            }
        }
    }

    private func pull(_ wishes: [PullWish], from remote: String) async throws {
        let output = self.output
        try await RegistryConnection.with(
            remote: remote, workspace: workspace, store: store, output: output, plain: plain
        ) { connection in
            for wish in wishes {
                for moved in try await connection.pull(wish, component: nil, force: false) {
                    output.note(moved.text)
                }
            }
        }
    }

    /// A capture that is not here under that name; `nil` also for what is an id, or no name at all.
    private func wish(capture name: String) throws -> PullWish? {
        let short = name.hasPrefix("capture/") ? String(name.dropFirst("capture/".count)) : name
        if short.utf8.count >= 6, short.allSatisfy(\.isHexDigit) { return nil }
        do throws(AssayError) {
            return try store.ref("capture/\(short)") == nil ? .capture(short) : nil
        } catch {
            guard error.code == .usage else { throw error }
            return nil
        }
    }

    private func wish(_ name: String) throws -> PullWish? {
        if name.hasPrefix("stage/") {
            let service = try workspace.definition().name
            let stage = String(name.dropFirst("stage/".count))
            guard
                let entry = try Ledger(repository: workspace.repository).current(
                    service: service, stage: stage),
                try store.ref("bundle/\(service)/\(entry.bundle.hex)") == nil
            else { return nil }
            return .bundle(entry.bundle.hex)
        }
        let commit: CommitID
        do throws(AssayError) {
            commit = try workspace.repository.resolve(name)
        } catch {
            // An id, or nothing: the resolver says which.
            guard error.code == .notFound || error.code == .ambiguous else { throw error }
            return nil
        }
        let pins = try PinArtifact.pins(
            at: commit, directory: workspace.servicePath, repository: workspace.repository)
        let missing = try PinArtifact.missing(pins, in: store)
        guard !missing.isEmpty else { return nil }
        // A build also takes files of the work tree whose bytes match.
        var stats = try StatCache(store)
        for path in missing {
            let place = workspace.serviceDirectory.appending(path)
            let status = try FileSystem.status(of: place)
            guard status?.kind == .file, status?.size == pins[path]?.size,
                try stats.digest(ofFileAt: place) == pins[path]?.digest
            else { return .pins(pins) }
        }
        try stats.save()
        return nil
    }
}
