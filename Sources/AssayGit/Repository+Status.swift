public import AssayCore
import CLibgit2
import SystemPackage

extension Repository {
    /// Files of the work tree that differ from the last commit, untracked ones included and ignored
    /// ones left out.
    public func statusOfWorktree() throws(AssayError) -> [FileChange] {
        var options = git_status_options()
        try GitStatus.check(
            unsafe git_status_options_init(&options, UInt32(GIT_STATUS_OPTIONS_VERSION)),
            "could not ask for the state of the work tree")
        options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR
        options.flags =
            GIT_STATUS_OPT_INCLUDE_UNTRACKED.rawValue
            | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS.rawValue
        var pointer: OpaquePointer?
        try GitStatus.check(
            unsafe git_status_list_new(&pointer, handle.pointer, &options),
            "could not read the state of the work tree")
        guard let pointer = unsafe pointer else { return [] }
        let list = unsafe GitHandle(pointer, free: git_status_list_free)
        var changes: [FileChange] = []
        for index in 0..<(unsafe git_status_list_entrycount(list.pointer)) {
            guard let entry = unsafe git_status_byindex(list.pointer, index) else { continue }
            let delta = unsafe entry.pointee.index_to_workdir ?? entry.pointee.head_to_index
            guard let name = unsafe delta?.pointee.new_file.path else { continue }
            changes.append(
                FileChange(
                    path: unsafe String(cString: name),
                    state: Self.state(unsafe entry.pointee.status)))
        }
        return changes
    }

    private static func state(_ status: git_status_t) -> FileChange.State {
        let bits = status.rawValue
        func has(_ flag: git_status_t) -> Bool { bits & flag.rawValue != 0 }
        if has(GIT_STATUS_CONFLICTED) { return .conflicted }
        if has(GIT_STATUS_WT_NEW) { return .untracked }
        if has(GIT_STATUS_WT_DELETED) || has(GIT_STATUS_INDEX_DELETED) { return .removed }
        if has(GIT_STATUS_INDEX_NEW) { return .added }
        return .modified
    }
}
