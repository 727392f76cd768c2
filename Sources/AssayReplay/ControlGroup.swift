import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// Bounds on the memory and the processor time of one service and all beneath it, which the kernel
/// keeps (cgroups, version 1 or 2).
struct ControlGroup: Sendable {
    /// The directories that stand for the group, one for each controller in version 1.
    let directories: [FilePath]

    /// Makes a group beneath our own.
    ///
    /// Throws `.unsupported` where this process may not make one, with what would let it.
    static func make(
        named name: String, limits: ReplayPlan.Limits, root: FilePath = "/sys/fs/cgroup",
        membership: FilePath = "/proc/self/cgroup"
    ) throws(AssayError) -> ControlGroup {
        var made: [FilePath] = []
        do throws(AssayError) {
            let lines = String(decoding: try FileSystem.read(membership), as: UTF8.self)
                .split(separator: "\n").map { $0.split(separator: ":", maxSplits: 2) }
            if FileSystem.exists(root.appending("cgroup.controllers")) {
                let own = lines.first { $0.count == 2 || $0[1].isEmpty }?.last ?? "/"
                let parent = root.pushing(FilePath(String(own.drop { $0 == "/" })))
                // Whoever delegated the group may have enabled them; else the bounds below fail.
                try? write("+memory +cpu", to: parent.appending("cgroup.subtree_control"))
                let group = parent.appending(name)
                try FileSystem.makeDirectory(group)
                made.append(group)
                if let memory = limits.memory {
                    try write(String(memory), to: group.appending("memory.max"))
                    try write("0", to: group.appending("memory.swap.max"))
                }
                if let cpus = limits.cpus {
                    try write("\(Int(cpus * 100_000)) 100000", to: group.appending("cpu.max"))
                }
                return ControlGroup(directories: made)
            }
            func group(_ controller: String) throws(AssayError) -> FilePath {
                let own = lines.first { line in
                    line.count > 2 && line[1].split(separator: ",").contains { $0 == controller }
                }
                let path = FilePath(String((own?.last ?? "/").drop { $0 == "/" }))
                let group = root.appending(controller).pushing(path).appending(name)
                try FileSystem.makeDirectory(group)
                made.append(group)
                return group
            }
            if let memory = limits.memory {
                try write(
                    String(memory), to: try group("memory").appending("memory.limit_in_bytes"))
            }
            if let cpus = limits.cpus {
                let group = try group("cpu")
                try write("100000", to: group.appending("cpu.cfs_period_us"))
                try write(String(Int(cpus * 100_000)), to: group.appending("cpu.cfs_quota_us"))
            }
            return ControlGroup(directories: made)
        } catch {
            ControlGroup(directories: made).remove()
            throw AssayError(
                .unsupported, "could not bound the memory or processor time of \(name)",
                hint: "run it where control groups may be made (version 2: with memory and cpu in "
                    + "`cgroup.subtree_control`), or leave the bounds out", cause: error)
        }
    }

    /// A command that enters the group and then becomes the given one.
    func joining(_ command: [String]) -> [String] {
        let script =
            #"n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 > "$1" || exit 126; shift; n=$((n-1)); done; exec "$@""#
        return ["/bin/sh", "-c", script, "sh", String(directories.count)]
            + directories.map { $0.appending("cgroup.procs").string } + command
    }

    /// Removes the group, when its last process has ended.
    func remove() {
        // One that cannot be removed is empty all the same, and goes with the next start of the system.
        for directory in directories { _ = rmdir(directory.string) }
    }

    /// Writes to a file of the kernel, which is there already.
    private static func write(_ text: String, to path: FilePath) throws(AssayError) {
        do {
            let file = try FileDescriptor.open(path, .writeOnly)
            try file.closeAfter { _ = try file.writeAll(text.utf8) }
        } catch {
            throw AssayError(.io, "could not write \(text) to \(path)", cause: error)
        }
    }
}
