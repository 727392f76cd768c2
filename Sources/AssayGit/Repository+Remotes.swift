public import AssayCore
import CLibgit2
import SystemPackage

extension Repository {
    /// The address of a remote, to fetch from or to push to. A directory is told from the root, as
    /// git means it from the top of the work tree. Throws `.notFound` if there is no such remote.
    public func address(
        ofRemote name: String, pushing: Bool = false
    ) throws(AssayError) -> String {
        let remote = try remote(name)
        let own = pushing ? unsafe git_remote_pushurl(remote.pointer) : nil
        guard let address = unsafe own ?? git_remote_url(remote.pointer) else {
            throw AssayError(.repository, "the git remote \(name) has no address")
        }
        return unsafe String(cString: address)
    }

    /// Fetches references of a remote by refspecs; those that it no longer has are removed here, too.
    ///
    /// Goes through libgit2's transports: paths, `file`, `git`, `ssh` and `https`. Throws `.network`.
    public func fetch(
        _ name: String, _ refspecs: [String], credentials: RemoteCredentials
    ) throws(AssayError) {
        try RemoteTransport(address: try address(ofRemote: name)).require(
            RemoteTransport.features, remote: name)
        let remote = try remote(name)
        let exchange = RemoteExchange(credentials)
        var options = unsafe git_fetch_options()
        try GitStatus.check(
            unsafe git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION)),
            "could not prepare a fetch")
        unsafe exchange.install(in: &options.callbacks)
        unsafe options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
        unsafe options.prune = GIT_FETCH_PRUNE
        unsafe options.update_fetchhead = 0
        unsafe options.proxy_opts.type = GIT_PROXY_AUTO
        unsafe options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
        let status = unsafe withStrings(refspecs) { list in
            unsafe git_remote_fetch(remote.pointer, list, &options, "assay: fetch \(name)")
        }
        withExtendedLifetime(exchange) {}
        guard status == 0 else { throw try networkError(status, "fetch from", name) }
    }

    /// Points a reference of a remote to what it is here, if the remote still has `expecting`.
    ///
    /// Throws `.conflict` if it has something else, `.network` if it cannot be reached or refuses.
    public func push(
        _ reference: String, to name: String, expecting: CommitID?,
        credentials: RemoteCredentials
    ) throws(AssayError) {
        let address = try address(ofRemote: name, pushing: true)
        if let path = Self.localPath(address) {
            return try pushLocally(reference, to: name, at: path, expecting: expecting)
        }
        try send("\(reference):\(reference)", for: reference, to: name, credentials)
    }

    /// A push to a directory of this machine: libgit2 sets references there without looking, so the
    /// objects go first, under a name of their own, and the reference is then set by
    /// compare-and-swap.
    private func pushLocally(
        _ reference: String, to name: String, at path: String, expecting: CommitID?
    ) throws(AssayError) {
        guard let commit = try self.reference(reference) else {
            throw AssayError(.notFound, "there is no reference \(reference) to push")
        }
        let incoming = "refs/assay/incoming/\(UInt64.random(in: 0 ... .max))"
        try send("\(reference):\(incoming)", for: incoming, to: name, RemoteCredentials())
        let there = try Repository.discover(from: FilePath(path))
        let outcome: Result<Void, AssayError> = Result { () throws(AssayError) in
            try there.updateReference(
                reference, to: commit, expecting: expecting, message: "assay: push")
        }
        try there.removeReference(incoming)
        try outcome.get()
    }

    private func send(
        _ refspec: String, for reference: String, to name: String, _ credentials: RemoteCredentials
    ) throws(AssayError) {
        try RemoteTransport(address: try address(ofRemote: name, pushing: true)).require(
            RemoteTransport.features, remote: name)
        let remote = try remote(name)
        let exchange = RemoteExchange(credentials)
        var options = unsafe git_push_options()
        try GitStatus.check(
            unsafe git_push_options_init(&options, UInt32(GIT_PUSH_OPTIONS_VERSION)),
            "could not prepare a push")
        unsafe options.proxy_opts.type = GIT_PROXY_AUTO
        unsafe options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
        unsafe exchange.install(in: &options.callbacks)
        let status = unsafe withStrings([refspec]) { list in
            unsafe git_remote_push(remote.pointer, list, &options)
        }
        if status == GIT_ENONFASTFORWARD.rawValue {
            throw AssayError(
                .conflict, "\(reference) of the git remote \(name) was changed by somebody else")
        }
        guard status == 0 else { throw try networkError(status, "push to", name) }
        if let refusal = exchange.refusals[reference] {
            // A server that lost the race says so in words of its own; hooks refuse otherwise.
            let isRace = ["fetch first", "failed to update", "non-fast-forward", "cannot lock"]
                .contains { refusal.contains($0) }
            throw AssayError(
                isRace ? .conflict : .network,
                "the git remote \(name) refused to change \(reference): \(refusal)",
                hint: "see what its hooks and its protection of references ask for")
        }
    }

    /// Removes a reference; none there is fine.
    func removeReference(_ name: String) throws(AssayError) {
        let status = unsafe git_reference_remove(handle.pointer, name)
        if status == GIT_ENOTFOUND.rawValue { return }
        try GitStatus.check(status, "could not remove reference \(name)")
    }

    /// The directory that an address of a remote names; `nil` if it is on another machine.
    static func localPath(_ address: String) -> String? {
        if address.hasPrefix("file://") { return String(address.dropFirst(7)) }
        // `host:path` is ssh, but a path with a slash before the colon is a path.
        let colon = address.firstIndex(of: ":")
        let slash = address.firstIndex(of: "/")
        guard let colon else { return address }
        guard let slash, slash < colon else { return nil }
        return address
    }

    private func networkError(
        _ status: Int32, _ attempt: String, _ name: String
    ) throws(AssayError) -> AssayError {
        let error = GitStatus.error(status, "could not \(attempt) the git remote \(name)")
        let hint =
            switch git_error_code(status) {
            case GIT_EAUTH:
                "see that `git fetch \(name)` works: keys in the ssh agent, or a credential helper of git"
            case GIT_EBAREREPO: "share through a bare repository: git init --bare"
            default: "see that `git fetch \(name)` works"
            }
        return AssayError(.network, error.message, hint: hint)
    }

    private func remote(_ name: String) throws(AssayError) -> GitHandle {
        var pointer: OpaquePointer?
        let status = unsafe git_remote_lookup(&pointer, handle.pointer, name)
        if status == GIT_ENOTFOUND.rawValue {
            throw AssayError(
                .notFound, "there is no git remote \(name)", hint: "see `git remote -v`")
        }
        try GitStatus.check(status, "could not open the git remote \(name)")
        guard let pointer = unsafe pointer else {
            throw AssayError(.repository, "could not open the git remote \(name)")
        }
        let remote = unsafe GitHandle(pointer, free: git_remote_free)
        if let place = unsafe place(git_remote_url(remote.pointer)) {
            try GitStatus.check(
                unsafe git_remote_set_instance_url(remote.pointer, place),
                "could not open the git remote \(name)")
        }
        if let place = unsafe place(git_remote_pushurl(remote.pointer)) {
            try GitStatus.check(
                unsafe git_remote_set_instance_pushurl(remote.pointer, place),
                "could not open the git remote \(name)")
        }
        return remote
    }

    /// The directory that a relative address means; `nil` for any other address. libgit2 would look
    /// for it from the directory that the process is in.
    private func place(_ address: UnsafePointer<CChar>?) -> String? {
        guard let address = unsafe address else { return nil }
        let text = unsafe String(cString: address)
        guard let path = Self.localPath(text), path == text, !path.hasPrefix("/") else {
            return nil
        }
        return (workTree ?? gitDirectory).pushing(FilePath(path)).lexicallyNormalized().string
    }

    /// Lends strings to a C call as a list.
    private func withStrings(
        _ strings: [String], _ body: (UnsafePointer<git_strarray>) -> Int32
    ) -> Int32 {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { text in
            let bytes = Array(text.utf8CString)
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            unsafe copy.initialize(from: bytes, count: bytes.count)
            return unsafe copy
        }
        defer { unsafe pointers.forEach { unsafe $0?.deallocate() } }
        return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
            var list = unsafe git_strarray(strings: buffer.baseAddress, count: strings.count)
            return unsafe body(&list)
        }
    }
}
