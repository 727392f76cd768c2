import AssayCore
import AssayGit
import AssayPromotion
import AssaySystem
import Subprocess
import SystemPackage

/// Brings the ledger and the verdicts to a git remote and back, by compare-and-swap.
struct ReferenceSharing {
    let workspace: Workspace
    let output: Output
    /// Whether it is an error that there is no git remote.
    let isRequired: Bool

    /// How often a lost race is run again.
    private static let attempts = 16
    /// Verdicts go first: an entry of the ledger names one.
    private static let names = [VerdictStore.reference, Ledger.reference]

    /// Fetches, and takes over what the remote has; what is only here is put on top of it.
    func pull(from given: String?) async throws {
        guard let remote = try choose(given) else { return }
        let credentials = try await credentials(remote, pushing: false)
        try fetch(remote, credentials)
        for name in Self.names { output.tell(try join(name, remote)) }
    }

    /// The same, and then sets the remote's references, if they still are what was fetched; a lost
    /// race is told and run again on the new state.
    func push(to given: String?) async throws {
        guard let remote = try choose(given) else { return }
        let reading = try await credentials(remote, pushing: false)
        let writing = try await credentials(remote, pushing: true)
        try fetch(remote, reading)
        for name in Self.names {
            try push(name, remote, reading: reading, writing: writing)
        }
    }

    private func push(
        _ name: String, _ remote: String, reading: RemoteCredentials, writing: RemoteCredentials
    ) throws {
        let repository = workspace.repository
        let tracking = RemoteReference(name: name, remote: remote, repository: repository)
        for attempt in 1...Self.attempts {
            let told = try join(name, remote)
            let theirs = try repository.reference(tracking.trackingName)
            guard let ours = try repository.reference(name) else {
                return output.tell(
                    Moved(name, "\(name): nothing is there yet, here and on \(remote)"))
            }
            guard ours != theirs else { return output.tell(told) }
            do throws(AssayError) {
                try repository.push(
                    name, to: remote, expecting: theirs, credentials: writing)
                try fetch(remote, reading)
                let count = try repository.commits(from: theirs, to: ours).count
                return output.tell(
                    Moved(name, "\(name): \(count) new on \(remote)", action: "pushed"))
            } catch {
                guard error.code == .conflict, attempt < Self.attempts else { throw error }
                output.note("\(name) was changed on \(remote) meanwhile; fetching and trying again")
                try fetch(remote, reading)
            }
        }
    }

    /// Takes over what was fetched of one reference; gives what moved.
    private func join(_ name: String, _ remote: String) throws(AssayError) -> Moved {
        let reference = RemoteReference(
            name: name, remote: remote, repository: workspace.repository)
        switch try reference.follow() {
        case .current: return Moved(name, "\(name): nothing new on \(remote)")
        case .followed: return Moved(name, "\(name): followed \(remote)", action: "pulled")
        case .diverged:
            let moved = try reference.rejoin().moved
            for message in moved { output.detail("put on top of \(remote): \(message)") }
            return Moved(
                name, "\(name): followed \(remote), with \(moved.count) of ours on top",
                action: "pulled")
        }
    }

    private func choose(_ given: String?) throws(AssayError) -> String? {
        if let given { return given }
        if let remote = try workspace.remote { return remote }
        let sentence = "there is no git remote that the ledger could be shared with"
        guard isRequired else {
            output.note(sentence)
            return nil
        }
        throw AssayError(
            .notFound, sentence,
            hint:
                "add one with `git remote add origin <address>`, or name one of several with --git")
    }

    private func fetch(
        _ remote: String, _ credentials: RemoteCredentials
    ) throws(AssayError) {
        let repository = workspace.repository
        try repository.fetch(
            remote,
            Self.names.map { name in
                let tracking = RemoteReference(name: name, remote: remote, repository: repository)
                return "+\(name):\(tracking.trackingName)"
            }, credentials: credentials)
    }

    /// What the remote may ask for: keys of ssh, and for https what git's own helpers know.
    private func credentials(
        _ remote: String, pushing: Bool
    ) async throws -> RemoteCredentials {
        let environment = ProcessEnvironment.current
        let directory = FilePath(environment["HOME"] ?? "/nonexistent").appending(".ssh")
        let keys = ["id_ed25519", "id_ecdsa", "id_rsa"].map { directory.appending($0) }
            .filter { FileSystem.exists($0) }.map(\.string)
        let address = try workspace.repository.address(ofRemote: remote, pushing: pushing)
        guard address.hasPrefix("https://") else { return RemoteCredentials(keys: keys) }
        let result = try await Subprocess.run(
            .name("git"), arguments: ["credential", "fill"],
            environment: .inherit.updating(["GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": ""]),
            workingDirectory: workspace.root, input: .string("url=\(address)\n\n"),
            output: .string(limit: 1 << 16), error: .discarded)
        var values: [Substring: String] = [:]
        for line in result.standardOutput.split(separator: "\n") {
            let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { values[pair[0]] = String(pair[1]) }
        }
        return RemoteCredentials(
            user: values["username"], password: values["password"], for: address, keys: keys)
    }
}
