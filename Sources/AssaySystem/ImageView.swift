public import AssayCore
public import SystemPackage

/// An unpacked container image, and how a process comes to see it as its whole file system.
///
/// No container runtime takes part: bubblewrap puts the image's directories, read-only, onto an
/// empty root, so that the process stays in the network namespace, the process tree and under the
/// signals of whoever starts it.
public struct ImageView: Hashable, Sendable {
    /// The directory that holds the image's files.
    public var root: FilePath
    /// The variables that the image sets.
    public var variables: [String: String]

    /// Where a bundle's files are laid out inside.
    public static let bundle: FilePath = "/assay/bundle"
    /// The directory inside that a service may write to.
    public static let home: FilePath = "/assay/home"

    /// Names an unpacked image.
    public init(root: FilePath, variables: [String: String]) {
        self.root = root
        self.variables = variables
    }

    /// A directory of this machine that is shown inside.
    public struct Mount: Hashable, Sendable {
        /// Where it is here, and where it is shown.
        public var outside: FilePath, inside: FilePath
        /// Whether it may be written to.
        public var isWritable: Bool

        /// Describes a mount.
        public init(_ outside: FilePath, at inside: FilePath, isWritable: Bool = false) {
            self.outside = outside
            self.inside = inside
            self.isWritable = isWritable
        }
    }

    /// What a process gets from this machine, not from the image.
    private static let ours: Set<String> = ["dev", "proc", "sys", "tmp", "assay"]

    /// The command that runs another one inside: everything read-only but `/tmp`, which is its own,
    /// and the writable mounts; no sight of other processes.
    ///
    /// An interactive one keeps the terminal's job control. Throws `.io` if the image's directory cannot be listed.
    public func arguments(
        bubblewrap: FilePath, command: [String], mounts: [Mount] = [],
        directory: FilePath = "/", isInteractive: Bool = false
    ) throws(AssayError) -> [String] {
        var arguments = [
            bubblewrap.string, "--unshare-pid", "--unshare-ipc", "--die-with-parent", "--tmpfs",
            "/",
        ]
        if !isInteractive { arguments.append("--new-session") }
        for name in try FileSystem.names(in: root) where !Self.ours.contains(name) {
            let place = root.appending(name)
            if try FileSystem.status(of: place)?.kind == .symlink {
                let target = String(decoding: try FileSystem.target(of: place), as: UTF8.self)
                arguments += ["--symlink", target, "/\(name)"]
            } else {
                arguments += ["--ro-bind", place.string, "/\(name)"]
            }
        }
        arguments += ["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
        arguments += ["--ro-bind-try", "/sys", "/sys"]
        if FileSystem.exists(root.appending("etc").appending("resolv.conf")) {
            arguments += ["--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf"]
        }
        for mount in mounts {
            arguments += [
                mount.isWritable ? "--bind" : "--ro-bind", mount.outside.string,
                mount.inside.string,
            ]
        }
        return arguments + ["--remount-ro", "/", "--chdir", directory.string, "--"] + command
    }
}
