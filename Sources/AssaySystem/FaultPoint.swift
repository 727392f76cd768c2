import Glibc
import Synchronization

/// Calls that change a disk, where a test of crashes lets the process die or the call fail.
///
/// In a debug build `ASSAY_FAULT=<what>@<n>` makes the n-th such call of the process, from 1, go wrong:
/// `kill` ends the process before the call, `tear` after half of what a write should write, and `EIO`,
/// `ENOSPC` and `EROFS` let the call fail with that error. `run` first runs the shell command of
/// `ASSAY_FAULT_COMMAND` to its end: what another process could do at that moment. A release build knows
/// nothing of it.
enum FaultPoint {
    /// A kind of call.
    enum Call { case write, rename, sync, remove, directory }

    #if DEBUG
    private enum Effect { case kill, tear, run, fail(Int32) }

    private static let plan: (effect: Effect, number: Int)? = {
        guard let text = unsafe getenv("ASSAY_FAULT") else { return nil }
        let parts = unsafe String(cString: text).split(separator: "@")
        guard parts.count == 2, let number = Int(parts[1]) else { return nil }
        switch parts[0] {
        case "kill": return (.kill, number)
        case "tear": return (.tear, number)
        case "run": return (.run, number)
        case "EIO": return (.fail(EIO), number)
        case "ENOSPC": return (.fail(ENOSPC), number)
        case "EROFS": return (.fail(EROFS), number)
        default: return nil
        }
    }()

    private static let reached = Atomic<Int>(0)

    /// Whether the call may go ahead; if not, `errno` says why.
    static func passes(
        _ call: Call, tearing write: (descriptor: Int32, bytes: UnsafeRawBufferPointer)? = nil
    ) -> Bool {
        guard let plan, reached.add(1, ordering: .relaxed).newValue == plan.number else {
            return true
        }
        switch plan.effect {
        case .fail(let number):
            errno = number
            return false
        case .tear:
            if let write = unsafe write {
                _ = unsafe Glibc.write(
                    write.descriptor, write.bytes.baseAddress, write.bytes.count / 2)
            }
            kill(getpid(), SIGKILL)
        case .run:
            if let command = unsafe getenv("ASSAY_FAULT_COMMAND") { _ = unsafe system(command) }
        case .kill:
            kill(getpid(), SIGKILL)
        }
        return true
    }
    #else
    @inline(__always)
    static func passes(
        _ call: Call, tearing write: (descriptor: Int32, bytes: UnsafeRawBufferPointer)? = nil
    ) -> Bool { true }
    #endif
}
