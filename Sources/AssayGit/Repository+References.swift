public import AssayCore
import CLibgit2
public import SystemPackage

extension Repository {
    /// The commit that a full reference name such as `refs/heads/main` points to; `nil` if there is
    /// no such reference.
    public func reference(_ name: String) throws(AssayError) -> CommitID? {
        var oid = git_oid()
        let status = unsafe git_reference_name_to_id(&oid, handle.pointer, name)
        if status == GIT_ENOTFOUND.rawValue { return nil }
        try GitStatus.check(status, "could not read reference \(name)")
        return CommitID(oid)
    }

    /// The full name of the reference that a symbolic one stands for, whether that is there or not:
    /// of `HEAD` the branch that is checked out; `nil` if there is none of that name, or if it names a
    /// commit itself.
    public func symbolicTarget(of name: String) throws(AssayError) -> String? {
        var pointer: OpaquePointer?
        let status = unsafe git_reference_lookup(&pointer, handle.pointer, name)
        if status == GIT_ENOTFOUND.rawValue { return nil }
        try GitStatus.check(status, "could not read reference \(name)")
        defer { unsafe git_reference_free(pointer) }
        return unsafe git_reference_symbolic_target(pointer).map { unsafe String(cString: $0) }
    }

    /// Points a reference to a commit, if it still points where `expecting` says.
    ///
    /// Throws `.conflict` if it does not; nothing is changed then.
    public func updateReference(
        _ name: String, to commit: CommitID, expecting: CommitID?, message: String
    ) throws(AssayError) {
        var new = commit.object.raw
        var pointer: OpaquePointer?
        let status: Int32
        if let expecting {
            var old = expecting.object.raw
            status = unsafe git_reference_create_matching(
                &pointer, handle.pointer, name, &new, 1, &old, message)
        } else {
            status = unsafe git_reference_create(&pointer, handle.pointer, name, &new, 0, message)
        }
        if let pointer = unsafe pointer { unsafe git_reference_free(pointer) }
        if status == GIT_ENOTFOUND.rawValue {
            throw AssayError(.conflict, "reference \(name) was removed by somebody else meanwhile")
        }
        try GitStatus.check(status, "could not set reference \(name)")
    }

    /// The value of a setting in git's configuration; `nil` if it is not set.
    public func setting(_ name: String) throws(AssayError) -> String? {
        let config = try configuration()
        var buffer = unsafe git_buf()
        let status = unsafe git_config_get_string_buf(&buffer, config.pointer, name)
        if status == GIT_ENOTFOUND.rawValue { return nil }
        try GitStatus.check(status, "could not read the setting \(name)")
        defer { unsafe git_buf_dispose(&buffer) }
        return unsafe buffer.ptr.map { unsafe String(cString: $0) }
    }

    /// All values of a setting that may have several, in the order of git's files; empty if it is not
    /// set.
    public func settings(_ name: String) throws(AssayError) -> [String] {
        let config = try configuration()
        var pointer: OpaquePointer?
        let status = unsafe git_config_multivar_iterator_new(
            &pointer, config.pointer, name, nil)
        if status == GIT_ENOTFOUND.rawValue { return [] }
        try GitStatus.check(status, "could not read the setting \(name)")
        defer { unsafe git_config_iterator_free(pointer) }
        var values: [String] = []
        while true {
            var entry: UnsafeMutablePointer<git_config_entry>?
            let status = unsafe git_config_next(&entry, pointer)
            if status == GIT_ITEROVER.rawValue { return values }
            try GitStatus.check(status, "could not read the setting \(name)")
            if let value = unsafe entry?.pointee.value {
                values.append(unsafe String(cString: value))
            }
        }
    }

    /// The full names of the references that begin with `prefix`, which ends with `/`, sorted.
    public func references(under prefix: String) throws(AssayError) -> [String] {
        var pointer: OpaquePointer?
        try GitStatus.check(
            unsafe git_reference_iterator_glob_new(&pointer, handle.pointer, prefix + "*"),
            "could not list the references under \(prefix)")
        defer { unsafe git_reference_iterator_free(pointer) }
        var names: [String] = []
        while true {
            var name: UnsafePointer<CChar>?
            let status = unsafe git_reference_next_name(&name, pointer)
            if status == GIT_ITEROVER.rawValue { return names.sorted() }
            try GitStatus.check(status, "could not list the references under \(prefix)")
            if let name = unsafe name { names.append(unsafe String(cString: name)) }
        }
    }

    /// Adds a value to a setting that may have several, unless that very value is there.
    public func addSetting(_ name: String, _ value: String) throws(AssayError) {
        let config = try configuration()
        let pattern =
            "^" + value.map { ".+*?()[]{}^$|\\".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "$"
        try GitStatus.check(
            unsafe git_config_set_multivar(config.pointer, name, pattern, value),
            "could not write the setting \(name)")
    }

    /// The names of the remotes.
    public func remotes() throws(AssayError) -> [String] {
        var list = unsafe git_strarray()
        try GitStatus.check(
            unsafe git_remote_list(&list, handle.pointer), "could not list the remotes")
        defer { unsafe git_strarray_dispose(&list) }
        return (0..<(unsafe list.count)).compactMap { index in
            unsafe list.strings[index].map { unsafe String(cString: $0) }
        }
    }

    /// Where git looks for hooks: `core.hooksPath`, or `hooks` in the git directory.
    public var hooksDirectory: FilePath {
        get throws(AssayError) {
            guard let given = try setting("core.hookspath"), !given.isEmpty else {
                return commonDirectory.appending("hooks")
            }
            let path = FilePath(given)
            return path.isAbsolute ? path : (workTree ?? gitDirectory).pushing(path)
        }
    }

    /// Who commits here, by git's own settings and variables.
    ///
    /// Throws `.usage` with the commands to set them when there is nobody.
    public func defaultSignature(time: Int64) throws(AssayError) -> Signature {
        guard let name = try setting("user.name"), let email = try setting("user.email") else {
            throw AssayError(
                .usage, "git does not know who you are, and the ledger names who promotes",
                hint: "git config user.name \"Your Name\" && git config user.email you@example.com")
        }
        return Signature(name: name, email: email, time: time)
    }

    private func configuration() throws(AssayError) -> GitHandle {
        var pointer: OpaquePointer?
        try GitStatus.check(
            unsafe git_repository_config(&pointer, handle.pointer),
            "could not read git's configuration")
        guard let pointer = unsafe pointer else {
            throw AssayError(.repository, "could not read git's configuration")
        }
        return unsafe GitHandle(pointer, free: git_config_free)
    }
}
