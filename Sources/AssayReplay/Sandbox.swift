public import AssayCore
import AssaySystem
public import SystemPackage

/// The command lines of bubblewrap that keep arms from each other and from the world.
public enum Sandbox {
    /// Finds bubblewrap by a search path.
    ///
    /// Throws `.missingTool` when it is not installed.
    public static func bubblewrap(searchPath: String) throws(AssayError) -> FilePath {
        if let path = try Bubblewrap.find(searchPath: searchPath) { return path }
        throw AssayError(
            .missingTool, "could not keep the replay from the network: bubblewrap is not installed",
            hint: "run `apt-get install bubblewrap`, or give `--isolation process` if nothing that "
                + "the service calls could reach production")
    }

    /// The command that runs a whole engine in a network namespace that has loopback only.
    public static func engineArguments(
        bubblewrap: FilePath, command: [String]
    ) -> [String] {
        [
            bubblewrap.string, "--unshare-net", "--bind", "/", "/", "--dev-bind", "/dev", "/dev",
            "--die-with-parent", "--",
        ] + command
    }

    /// Bytes that a service may write, to its home and to `/tmp` each; both are in memory, so that
    /// nothing it writes fills a disk.
    public static let writableBytes = 1 << 30

    /// The command that runs one service: a read-only file system, but for a home and a `/tmp` of its
    /// own, which are empty, in memory, bounded, and gone with it; no sight of other processes.
    ///
    /// `visible` are directories that must be there even if they lie beneath `/tmp`.
    public static func serviceArguments(
        bubblewrap: FilePath, command: [String], directory: FilePath, visible: [FilePath],
        writable: FilePath
    ) -> [String] {
        var arguments = [
            bubblewrap.string, "--unshare-pid", "--unshare-ipc", "--die-with-parent",
            "--new-session", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--size",
            String(writableBytes), "--tmpfs", "/tmp",
        ]
        for path in [directory] + visible {
            arguments += ["--ro-bind", path.string, path.string]
        }
        arguments += ["--size", String(writableBytes), "--tmpfs", writable.string]
        arguments += ["--chdir", directory.string, "--"]
        return arguments + command
    }

    /// Whether this process can reach no other machine: its network namespace has loopback only.
    public static func networkIsLoopbackOnly() throws(AssayError) -> Bool {
        let file = FilePath("/proc/self/net/dev")
        let text = String(decoding: try FileSystem.read(file, limit: 1 << 20), as: UTF8.self)
        let interfaces = text.split(separator: "\n").dropFirst(2).map { line in
            line.prefix { $0 != ":" }.drop { $0 == " " }
        }
        return interfaces.allSatisfy { $0 == "lo" }
    }
}
