import AssayCore
import AssaySystem
import Glibc
import SystemPackage

extension Store {
    /// Finds what dead processes left and what lay in the trash for long enough, and with `apply`
    /// removes it.
    func sweep(
        _ options: CollectionOptions, apply: Bool, _ report: inout CollectionReport
    ) throws(AssayError) {
        for reason in [CollectionReport.Reason.deadLease, .abandoned, .expired] {
            report.amounts[reason] = nil
        }
        report.notes = []
        try sweepLeases(apply: apply, &report)
        try sweepIngest(options, apply: apply, &report)
        try sweepTrash(options, apply: apply, &report)
    }

    private func sweepLeases(
        apply: Bool, _ report: inout CollectionReport
    ) throws(AssayError) {
        // Alone: a lease that is being made has no lock for a moment.
        try withCollectionLock(shared: false) { () throws(AssayError) in
            for lease in try readLeases() {
                guard case .dead(let why) = lease.standing,
                    let status = try FileSystem.status(of: lease.path)
                else { continue }
                report.add(.deadLease, bytes: status.size)
                let name = lease.path.lastComponent?.string ?? ""
                report.notes.append(
                    "lease \(name) of \(lease.lines.count) blobs protects nothing: \(why)")
                if apply { try FileSystem.remove(lease.path) }
            }
        }
    }

    private func sweepIngest(
        _ options: CollectionOptions, apply: Bool, _ report: inout CollectionReport
    ) throws(AssayError) {
        let left =
            try abandonedIngest(now: options.now) + abandonedFiles(now: options.now)
        for path in left {
            let bytes = try treeSize(path)
            report.add(.abandoned, bytes: bytes)
            report.notes.append("\(path) was left half-written by a process that has ended")
            if apply { try FileSystem.removeTree(path) }
        }
    }

    private func sweepTrash(
        _ options: CollectionOptions, apply: Bool, _ report: inout CollectionReport
    ) throws(AssayError) {
        let today = TrashDay(seconds: options.now / 1_000_000_000)
        for day in try trashDays() where today.number - day.number > options.trashDays {
            let directory = trash.appending(day.name)
            for name in try FileSystem.names(in: directory) {
                let size = try FileSystem.status(of: directory.appending(name))?.size ?? 0
                report.add(.expired, bytes: size)
            }
            if apply { try FileSystem.removeTree(directory) }
        }
    }

    /// The days in the trash, the newest first; what is no day is left alone.
    func trashDays() throws(AssayError) -> [TrashDay] {
        guard FileSystem.exists(trash) else { return [] }
        return try FileSystem.names(in: trash).compactMap { TrashDay(name: $0) }
            .sorted { $0.number > $1.number }
    }

    func treeSize(_ path: FilePath) throws(AssayError) -> Int {
        guard let status = try FileSystem.status(of: path) else { return 0 }
        guard status.kind == .directory else { return status.size }
        var sum = 0
        for name in try FileSystem.names(in: path) {
            sum += try treeSize(path.appending(name))
        }
        return sum
    }

    /// A blob as a file.
    struct BlobFile {
        let digest: Digest
        let size: Int
        let modified: Int64
    }

    /// All blobs, sorted, and the names in their directory that are none.
    func listBlobs() throws(AssayError) -> (blobs: [BlobFile], strays: [String]) {
        var found: [BlobFile] = []
        var strays: [String] = []
        for name in try FileSystem.names(in: blobs) {
            guard let digest = Digest(hex: name) else {
                strays.append(name)
                continue
            }
            // One that went away meanwhile was moved by somebody else's collection.
            guard let status = try FileSystem.status(of: blobPath(digest)) else { continue }
            guard status.kind == .file else {
                strays.append(name)
                continue
            }
            found.append(BlobFile(digest: digest, size: status.size, modified: status.modified))
        }
        return (found, strays)
    }
}
