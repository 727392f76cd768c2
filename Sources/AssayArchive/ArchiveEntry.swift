import AssayCore
import CLibarchive
import Glibc
import SystemPackage

/// One entry of an archive, checked: nothing in it leads outside or means more than a file.
struct ArchiveEntry: Hashable {
    /// The path, relative, without `.`, `..`, empty names and control characters.
    let path: String
    /// What it is.
    let kind: Kind
    /// The size it claims; `nil` if it claims none.
    let size: Int?

    enum Kind: Hashable {
        case directory
        case file(isExecutable: Bool)
        case symlink(target: String)
        /// Another name of a file of the same archive.
        case hardLink(target: String)
    }

    /// Reads an entry, or refuses it with what is wrong with it.
    init(_ entry: OpaquePointer, archive: FilePath) throws(AssayError) {
        guard let bytes = unsafe archive_entry_pathname(entry),
            let name = unsafe String(validatingCString: bytes)
        else {
            throw AssayError(
                .unsupported, "archive \(archive) has an entry whose name is not UTF-8",
                hint: "pack it again with names in UTF-8")
        }
        path = try Self.path(name, archive)
        let mode = unsafe archive_entry_mode(entry)
        func refuse(_ reason: String) -> AssayError {
            AssayError(.damaged, "archive \(archive) is refused: \(Self.shown(name)) \(reason)")
        }
        guard mode & 0o6000 == 0 else { throw refuse("has a setuid or setgid bit") }
        size =
            unsafe archive_entry_size_is_set(entry) != 0
            ? Int(unsafe archive_entry_size(entry)) : nil
        if let target = unsafe archive_entry_hardlink(entry) {
            guard let text = unsafe String(validatingCString: target) else {
                throw refuse("is a hard link to a name that is not UTF-8")
            }
            kind = .hardLink(target: try Self.path(text, archive))
            return
        }
        switch unsafe archive_entry_filetype(entry) {
        case S_IFREG: kind = .file(isExecutable: mode & 0o100 != 0)
        case S_IFDIR: kind = .directory
        case S_IFLNK:
            guard let target = unsafe archive_entry_symlink(entry),
                let text = unsafe String(validatingCString: target)
            else { throw refuse("is a symlink without a target in UTF-8") }
            if let fault = Self.fault(inLinkAt: path, target: text) { throw refuse(fault) }
            kind = .symlink(target: text)
        case S_IFIFO: throw refuse("is a FIFO")
        case S_IFCHR, S_IFBLK: throw refuse("is a device")
        case S_IFSOCK: throw refuse("is a socket")
        default: throw refuse("is neither a file, a directory nor a link")
        }
    }

    /// The path without a leading `./` and a trailing `/`; refused if it is unsafe.
    private static func path(_ name: String, _ archive: FilePath) throws(AssayError) -> String {
        func refuse(_ reason: String) -> AssayError {
            AssayError(.damaged, "archive \(archive) is refused: \(shown(name)) \(reason)")
        }
        if name.isEmpty { throw refuse("is an entry without a name") }
        if name.hasPrefix("/") { throw refuse("is an absolute path") }
        if name.unicodeScalars.contains(where: {
            $0.value < 0x20 || (0x7F...0x9F).contains($0.value)
        }) {
            throw refuse("has a control character in its name")
        }
        var parts = name.split(separator: "/", omittingEmptySubsequences: false)
        while parts.count > 1, parts.first == "." { parts.removeFirst() }
        if parts.last == "" { parts.removeLast() }
        if parts.isEmpty || parts == ["."] { return "" }
        for part in parts {
            switch part {
            case "", ".": throw refuse("has an empty name or a `.` within its path")
            case "..": throw refuse("leads out with `..`")
            default: if part.utf8.count > 255 { throw refuse("has a name of over 255 bytes") }
            }
        }
        let path = parts.joined(separator: "/")
        if path.utf8.count > 4096 { throw refuse("has a path of over 4096 bytes") }
        return path
    }

    /// Why a symlink must not be made; `nil` if it stays inside.
    private static func fault(inLinkAt path: String, target: String) -> String? {
        switch LinkFault(at: path, target: target) {
        case nil: nil
        case .empty: "is a symlink to nothing"
        case .absolute: "is a symlink to the absolute path \(shown(target))"
        case .control: "is a symlink with a control character in its target"
        case .outside: "is a symlink that leads out, to \(shown(target))"
        }
    }

    /// A name with its control characters spelled out, safe on a terminal.
    static func shown(_ name: String) -> String { name.prefix(200).debugDescription }
}
