import AssayBundling
import AssayCapture
import AssayCore
import AssayGate
import AssayGit
import AssaySystem
import SystemPackage

/// Finds the policy that is in force, which is never the candidate's own if that can be helped.
struct PolicySource {
    let workspace: Workspace

    /// A policy, where it was read, and what else stands there.
    struct Found {
        let policy: Policy
        /// Where it was read, in words.
        let source: String
        /// The commit it was read at; `nil` for a file.
        let commit: CommitID?
        /// The service's name in `assay.yaml` beside it, where there is one.
        let service: String?
        /// The settings of captures in that `assay.yaml`, empty ones where none can be read: what may be
        /// left out of a replay, and hidden in answers, is not for the candidate to say.
        let settings: CaptureSettings
        /// What a reader must know of where it was read, as a sentence.
        let warning: String?

        /// Throws `.usage` if the policy is another service's, as after a change of name: under a new
        /// name a bundle would have no baseline, and pass as a first run.
        func check(_ bundle: Bundle) throws(AssayError) {
            guard let service, service != bundle.service else { return }
            throw AssayError(
                .usage,
                "bundle \(bundle.id.short) is of service `\(bundle.service)`, and the policy in force "
                    + "(\(source)) is of service `\(service)`",
                hint:
                    "give the service its name back in assay.yaml; a new name is a new service, and "
                    + "its first commit reaches the protected branch by review, with "
                    + "`git push --no-verify`")
        }
    }

    /// The policy of a file, of a revision, or of the first of these that has one: a protected branch
    /// as a remote had it last, a protected branch of this repository, HEAD, the work tree.
    ///
    /// HEAD and the work tree count only while no protected branch has a policy yet. A repository with
    /// a remote of which no protected branch is known here is refused: the policy may stand there.
    func find(file: String?, revision: String?) throws -> Found {
        if let file {
            let bytes = try FileSystem.read(FilePath(file), limit: 1 << 24)
            let (settings, warning) = try protectedSettings()
            return Found(
                policy: try Policy.parse(bytes, file: file), source: file, commit: nil,
                service: nil, settings: settings, warning: warning)
        }
        if let revision {
            let commit = try workspace.repository.resolve(revision)
            guard let found = try read(commit, revision) else {
                throw AssayError(
                    .notFound, "commit \(commit.short) has no \(path)",
                    hint: "commit a gate.yaml there")
            }
            return found
        }
        return try findProtected() ?? findFirst()
    }

    /// The policy of a protected branch; `nil` if none has one.
    private func findProtected() throws -> Found? {
        let remotes = try remotes()
        let references = try protectedBranches(of: remotes)
        guard !references.isEmpty || remotes.isEmpty else {
            throw AssayError(
                .usage,
                "no protected branch of \(remotes.joined(separator: ", ")) is known here, and the "
                    + "policy stands there",
                hint:
                    "run `git fetch \(remotes[0])`; if its branch is neither main nor master, protect "
                    + "it with `git config --add assay.protect refs/heads/NAME`")
        }
        for reference in references {
            if let commit = try workspace.repository.reference(reference),
                let found = try read(commit, reference)
            {
                return found
            }
        }
        return nil
    }

    /// The protected branches of remotes, as they had them last; this repository's own where there are none.
    private func protectedBranches(of remotes: [String]) throws -> [String] {
        let protected = try ProtectedReferences(workspace.repository)
        var references: [String] = []
        for remote in remotes {
            references += try protected.trackedBranches(of: remote, in: workspace.repository)
        }
        return references.isEmpty
            ? try protected.localBranches(in: workspace.repository) : references
    }

    private func remotes() throws -> [String] {
        try workspace.repository.remotes()
            .sorted { ($0 == "origin" ? 0 : 1, $0) < ($1 == "origin" ? 0 : 1, $1) }
    }

    /// The policy of a repository whose protected branches have none yet.
    private func findFirst() throws -> Found {
        if let head = try workspace.repository.reference("HEAD"), let found = try read(head, "HEAD")
        {
            return Found(
                policy: found.policy, source: found.source, commit: found.commit,
                service: found.service, settings: found.settings,
                warning: "no protected branch has \(path) yet; HEAD's own is in force")
        }
        let file = workspace.serviceDirectory.appending("gate.yaml")
        guard FileSystem.exists(file) else {
            throw AssayError(
                .notFound, "there is no \(path) on a protected branch or in the work tree",
                hint: "write one with `assay init`, and commit it")
        }
        let bytes = try FileSystem.read(file, limit: 1 << 24)
        return Found(
            policy: try Policy.parse(bytes, file: path), source: "\(path) of the work tree",
            commit: nil, service: nil, settings: try workspace.definition().capture,
            warning: "no commit has \(path) yet; the file of the work tree is in force")
    }

    /// Where policies stand in the trees of commits.
    var path: String { inService("gate.yaml") }

    private func inService(_ name: String) -> String {
        workspace.servicePath.isEmpty ? name : "\(workspace.servicePath)/\(name)"
    }

    private func read(_ commit: CommitID, _ name: String) throws -> Found? {
        guard let bytes = try workspace.repository.file(path, at: commit) else { return nil }
        let definition = try workspace.repository.file(definitionPath, at: commit)
            .flatMap(parsed)
        let place = commit.description == name ? commit.short : "\(name) (\(commit.short))"
        return Found(
            policy: try Policy.parse(bytes, file: path),
            source: "\(path) at \(place)", commit: commit,
            service: definition?.name, settings: definition?.capture ?? .none,
            warning: nil)
    }

    /// The settings that go with a policy of a file: of the first protected branch with an `assay.yaml`,
    /// else of the work tree, with a warning that says so.
    private func protectedSettings() throws -> (CaptureSettings, warning: String?) {
        for reference in try protectedBranches(of: try remotes()) {
            if let commit = try workspace.repository.reference(reference),
                let bytes = try workspace.repository.file(definitionPath, at: commit)
            {
                return (parsed(bytes)?.capture ?? .none, nil)
            }
        }
        return (
            try workspace.definition().capture,
            "no protected branch that is known here has \(definitionPath); routes and redaction are "
                + "taken from the work tree's"
        )
    }

    private var definitionPath: String { inService(ServiceDefinition.fileName) }

    /// The `assay.yaml` of a commit; `nil` if it cannot be read.
    private func parsed(_ bytes: [UInt8]) -> ServiceDefinition? {
        // A broken one can have no bundle, so that only its mending can come to be judged.
        let definition: Result<ServiceDefinition, AssayError> = Result { () throws(AssayError) in
            try ServiceDefinition.parse(bytes, file: definitionPath)
        }
        guard case .success(let definition) = definition else { return nil }
        return definition
    }
}
