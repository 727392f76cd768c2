import AssayCore
import AssaySystem
import Glibc
import Synchronization
import SystemPackage

/// The lease of this process on one store: which blobs it works with, so that garbage collection
/// leaves them. The file is made with the first blob and removed with the last copy of the store's
/// value; what a dead process leaves is recognised by its lock, which the system has freed.
final class LeaseHolder: Sendable {
    private struct State: ~Copyable {
        var file: OpenFile?
        var path: FilePath?
        var held: Set<LeaseFile.Line> = []
    }

    private let state = Mutex(State())

    deinit {
        // Best effort: what cannot be removed is swept as the lease of a dead process.
        if let path = state.withLock({ $0.path }) { _ = unlink(path.string) }
    }

    /// Whether all of them stand in the lease already.
    func holds(_ lines: [LeaseFile.Line]) -> Bool {
        state.withLock { state in lines.allSatisfy { state.held.contains($0) } }
    }

    /// Adds lines to the lease. The caller holds the store's `gc.lock`, so that no reader sees a
    /// lease without its lock, nor half a line.
    func add(_ lines: [LeaseFile.Line], in directory: FilePath) throws(AssayError) {
        let result: Result<Void, AssayError> = state.withLock { state in
            Result { () throws(AssayError) in
                let new = lines.filter { !state.held.contains($0) }
                guard !new.isEmpty else { return }
                if state.path == nil { try Self.open(&state, in: directory) }
                try state.file?.write(Array(new.map(\.text).joined().utf8))
                state.held.formUnion(new)
            }
        }
        try result.get()
    }

    private static func open(_ state: inout State, in directory: FilePath) throws(AssayError) {
        try FileSystem.makeDirectory(directory)
        let owner = try ProcessIdentity.current()
        let random = String(UInt64.random(in: 0 ... .max), radix: 16)
        let path = directory.appending("\(owner.id)-\(random)")
        let file = try OpenFile.open(
            path, flags: O_WRONLY | O_CREAT | O_EXCL | O_APPEND, mode: 0o644)
        do throws(AssayError) {
            guard flock(file.rawDescriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw FileSystem.error("could not lock", path)
            }
            try file.write(LeaseFile.header(of: owner))
        } catch {
            try FileSystem.remove(path)
            throw error
        }
        state.file = consume file
        state.path = path
    }
}
