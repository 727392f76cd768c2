import AssayBundling
import AssayCore
import AssayGit
import AssayPromotion
import AssayStore
import SystemPackage

/// Finds the bundle that somebody names: an id prefix, a git revision, or `stage/NAME`.
struct BundleResolver {
    let workspace: Workspace
    let store: Store

    /// A bundle and the commit it was named by, if it was.
    struct Resolved {
        let bundle: Bundle
        let commit: CommitID?
    }

    /// The bundle of a name; a revision is built if it is not there yet.
    ///
    /// What could be an id and a revision at once is refused as ambiguous.
    func resolve(_ name: String) throws -> Resolved {
        if name.hasPrefix("stage/") {
            let stage = String(name.dropFirst("stage/".count))
            guard
                let entry = try Ledger(repository: workspace.repository).current(
                    service: try serviceName(), stage: stage)
            else {
                throw AssayError(
                    .notFound, "nothing is promoted to \(stage) of \(try serviceName())",
                    hint: "see `assay status`")
            }
            return Resolved(bundle: try open(entry.bundle), commit: nil)
        }
        let byID = try bundle(prefix: name)
        let commit = try commit(name, orBundle: byID)
        if let byID, let commit {
            throw AssayError(
                .ambiguous, "\(name) is both bundle \(byID.id.short) and commit \(commit.short)",
                hint: "write more digits of the one you mean")
        }
        if let byID { return Resolved(bundle: byID, commit: nil) }
        guard let commit else { throw AssayError(.notFound, "\(name) names nothing here") }
        return Resolved(bundle: try build(commit), commit: commit)
    }

    /// The commit of a revision; `nil` if there is none but a bundle has the name.
    private func commit(_ name: String, orBundle bundle: Bundle?) throws -> CommitID? {
        let found: Result<CommitID, AssayError> = Result { () throws(AssayError) in
            try workspace.repository.resolve(name)
        }
        switch found {
        case .success(let commit): return commit
        case .failure(let error):
            guard error.code == .notFound else { throw error }
            guard bundle == nil else { return nil }
            throw AssayError(
                .notFound, "\(name) is neither a bundle's id, a revision nor a stage here",
                hint: "see `assay bundle list` and `git log --oneline --all`")
        }
    }

    /// Builds the bundle of a commit.
    func build(_ commit: CommitID) throws -> Bundle {
        try BundleBuilder.build(
            repository: workspace.repository, commit: commit, directory: workspace.servicePath,
            store: store)
    }

    /// The bundle of an id.
    func open(_ id: Digest) throws -> Bundle {
        try BundleCatalog.open(id: id, service: try serviceName(), store: store)
    }

    /// The service's name: what `assay.yaml` in the work tree says.
    func serviceName() throws -> String {
        try workspace.definition().name
    }

    private func bundle(prefix: String) throws -> Bundle? {
        let digits = prefix.hasPrefix("sha256:") ? String(prefix.dropFirst(7)) : prefix
        guard digits.utf8.count >= 6, digits.utf8.count <= 64, digits.allSatisfy(\.isHexDigit)
        else {
            return nil
        }
        let matches = try BundleCatalog.list(service: try serviceName(), store: store)
            .filter { $0.id.hex.hasPrefix(digits.lowercased()) }
        guard matches.count <= 1 else {
            throw AssayError(
                .ambiguous, "\(prefix) abbreviates \(matches.count) bundles",
                hint: "write more digits")
        }
        guard let match = matches.first else { return nil }
        return try BundleCatalog.open(id: match.id, service: match.service, store: store)
    }
}
