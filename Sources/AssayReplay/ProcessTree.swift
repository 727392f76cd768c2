import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// The processes beneath one process, as the system lists them.
enum ProcessTree {
    /// The ids of all descendants, parents first; what ended meanwhile is left out.
    static func descendants(of process: pid_t) -> [pid_t] {
        var found: [pid_t] = []
        var next = [process]
        while let parent = next.popLast(), found.count < 100_000 {
            let children = children(of: parent)
            found += children
            next += children
        }
        return found
    }

    /// What a sandbox was started for: the first processes beneath its own, which all are the
    /// program `bwrap`.
    static func innermost(beneath process: pid_t) -> [pid_t] {
        children(of: process).flatMap { child in
            isBubblewrap(child) ? innermost(beneath: child) : [child]
        }
    }

    private static func isBubblewrap(_ process: pid_t) -> Bool {
        // A process that has just ended is none.
        guard let name = try? FileSystem.read(FilePath("/proc/\(process)/comm"), limit: 256) else {
            return false
        }
        return String(decoding: name, as: UTF8.self) == "bwrap\n"
    }

    /// The ids of the children of every thread of a process.
    static func children(of process: pid_t) -> [pid_t] {
        let tasks = FilePath("/proc/\(process)/task")
        // A process that has just ended has no children: no such directory is an answer.
        guard let threads = try? FileSystem.names(in: tasks) else { return [] }
        return threads.flatMap { thread -> [pid_t] in
            let list = tasks.appending(thread).appending("children")
            // A thread that has just ended has no children either.
            guard let bytes = try? FileSystem.read(list, limit: 1 << 20) else { return [] }
            return String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap {
                pid_t($0)
            }
        }
    }
}
