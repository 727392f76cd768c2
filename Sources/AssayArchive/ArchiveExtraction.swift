public import AssayCore
import AssaySystem
import CLinux
import Glibc
public import SystemPackage

/// Unpacks foreign archives without trusting them.
///
/// Files are created beneath a directory descriptor and no symlink is ever followed; the directory
/// gets its name only when everything in it is whole. What is refused: absolute paths, `..`, names
/// that lead through a symlink, links that lead out, devices, FIFOs, sockets, setuid and setgid
/// bits, two entries of one name, names that differ only in case, control characters, and more than
/// `ArchiveLimits` allows.
public enum ArchiveExtraction {
    /// Whether the content of a file is an archive that can be unpacked here.
    public static func isArchive(_ path: FilePath) throws(AssayError) -> Bool {
        try ArchiveReader.format(of: path) != nil
    }

    /// Unpacks a tar (also in gzip, zstd or xz) or zip file into a directory that is not there yet.
    ///
    /// Flat in memory. Modes are 0644, or 0755 for executables, whatever the archive says. Gives the
    /// paths of the files and links, sorted by their bytes. Throws `.damaged` for an archive that is
    /// hurt or refused, `.limit` for one that holds too much, `.unsupported` for a file that is none;
    /// nothing is left then.
    public static func extract(
        _ archive: FilePath, into directory: FilePath, limits: ArchiveLimits = ArchiveLimits()
    ) throws(AssayError) -> [String] {
        guard let format = try ArchiveReader.format(of: archive) else {
            throw AssayError(
                .unsupported, "could not unpack \(archive): it is neither tar nor zip",
                hint: "tar may be packed with gzip, zstd or xz")
        }
        let parent = directory.removingLastComponent()
        let temporary = try TemporaryDirectory(
            in: parent.isEmpty ? "." : parent, prefix: ".partial-")
        let root = temporary.path.appending("content")
        try FileSystem.makeDirectory(root)
        var run = ExtractionRun(
            archive: archive, root: root, limits: limits,
            packedSize: try FileSystem.status(of: archive)?.size ?? 0)
        let paths = try run.run(format)
        guard !FileSystem.exists(directory) else {
            throw AssayError(
                .conflict, "could not unpack \(archive): something is at \(directory) already")
        }
        try FileSystem.rename(root, to: directory)
        return paths
    }
}
