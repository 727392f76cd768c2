public import AssayCore
import CLibgit2

/// Patches between two texts, as `git diff` writes them.
public enum TextPatch {
    /// The unified patch from `old` to `new`, which are one file at `path`; `nil` where there was or
    /// is none. Bytes that are no text give a line that says so. Empty for equal contents.
    public static func unified(
        _ old: [UInt8]?, _ new: [UInt8]?, path: String
    ) throws(AssayError) -> String {
        try LibraryState.start()
        var options = unsafe git_diff_options()
        try GitStatus.check(
            unsafe git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION)),
            "could not compare \(path)")
        unsafe options.context_lines = 3
        var pointer: OpaquePointer?
        // A zero behind the end, so that an empty content has an address: no address is no file.
        let (before, after) = ((old ?? []) + [0], (new ?? []) + [0])
        let status = unsafe before.withUnsafeBytes { left in
            unsafe after.withUnsafeBytes { right in
                unsafe git_patch_from_buffers(
                    &pointer, old == nil ? nil : left.baseAddress, left.count - 1,
                    old == nil ? nil : path, new == nil ? nil : right.baseAddress,
                    right.count - 1, new == nil ? nil : path, &options)
            }
        }
        try GitStatus.check(status, "could not compare \(path)")
        guard let pointer = unsafe pointer else { return "" }
        let patch = unsafe GitHandle(pointer, free: git_patch_free)
        var buffer = unsafe git_buf()
        try GitStatus.check(
            unsafe git_patch_to_buf(&buffer, patch.pointer), "could not write a patch of \(path)")
        defer { unsafe git_buf_dispose(&buffer) }
        guard let text = unsafe buffer.ptr else { return "" }
        return String(
            decoding: unsafe UnsafeRawBufferPointer(start: text, count: buffer.size), as: UTF8.self)
    }
}
