public import AssayCore
import AssaySystem
import SystemPackage

extension Store {
    /// Checks the store and mends what can be mended without making bytes up: blobs are taken from
    /// the trash or from `sources` if they have their digest there, refs from the log, and index.json is
    /// written anew. A damaged blob that is nowhere else goes to the trash, so that storing its content
    /// again heals it.
    ///
    /// Gives the faults that were found, each with how it was mended. Costs a check, and another one as
    /// long as documents that came back lead to more.
    public func repair(
        _ options: CheckOptions, sources: [BlobSource], progress: (Int, Int) -> Void = { _, _ in }
    ) throws(AssayError) -> CheckReport {
        var report = try check(options, progress: progress)
        let all = [try BlobSource(trashOf: self)] + sources
        try mend(&report, from: all, now: options.now)
        var quick = options
        quick.depth = .quick
        while report.faults.contains(where: { $0.repair != nil }) {
            let known = Set(report.faults.map(\.message))
            var next = try check(quick)
            next.faults.removeAll { known.contains($0.message) }
            guard !next.faults.isEmpty else { break }
            try mend(&next, from: all, now: options.now)
            report.faults += next.faults
            report.notes += next.notes.filter { !report.notes.contains($0) }
            guard next.faults.contains(where: { $0.repair != nil }) else { break }
        }
        try withLock { () throws(AssayError) in
            guard report.open.allSatisfy({ $0.kind != .ref }) else { return }
            try writeIndex()
        }
        return report
    }

    private func mend(
        _ report: inout CheckReport, from sources: [BlobSource], now: Int64
    ) throws(AssayError) {
        // The log first, as refs are mended from it, and the index last, as it is made from them.
        let order: [CheckReport.Fault.Kind] = [.missing, .damaged, .log, .ref, .index, .lease]
        for kind in order {
            for index in report.faults.indices where report.faults[index].kind == kind {
                let fault = report.faults[index]
                report.faults[index].repair = try mend(fault, sources, now, &report)
            }
        }
    }

    private func mend(
        _ fault: CheckReport.Fault, _ sources: [BlobSource], _ now: Int64,
        _ report: inout CheckReport
    ) throws(AssayError) -> String? {
        switch fault.kind {
        case .missing, .damaged:
            guard let digest = fault.blob else { return nil }
            for source in sources where try take(digest, from: source) {
                return "taken from \(source.path)"
            }
            return try setAside(fault, digest, now, &report)
        case .ref:
            guard let name = fault.hurt.first else { return nil }
            return try mendRef(name)
        case .log: return try restartLog()
        case .index:
            return report.open.contains { $0.kind == .ref } ? nil : "written from the refs"
        case .lease: return nil
        }
    }

    /// Brings a blob in from a source, if it has its digest there.
    private func take(_ digest: Digest, from source: BlobSource) throws(AssayError) -> Bool {
        var writer = try newBlob()
        let isThere = try source.stream(digest) { (bytes) throws(AssayError) in
            try writer.write(bytes)
        }
        guard isThere else { return false }
        return try writer.finish(replacing: digest)
    }

    /// Moves a blob whose bytes are not its own to the trash. Nothing can be made of it, and in its
    /// place it would keep the right bytes from being stored.
    private func setAside(
        _ fault: CheckReport.Fault, _ digest: Digest, _ now: Int64,
        _ report: inout CheckReport
    ) throws(AssayError) -> String? {
        guard contains(digest) else { return nil }
        do throws(AssayError) {
            try verify(digest)
            // Its bytes are its own, and it is what it says that is wrong.
            return nil
        } catch {
            guard error.code == .digestMismatch else { throw error }
        }
        let directory = trash.appending(TrashDay(seconds: now).name)
        try withCollectionLock(shared: false) { () throws(AssayError) in
            try FileSystem.makeDirectory(directory)
            try FileSystem.rename(
                blobPath(digest), to: directory.appending("\(digest.hex).damaged"))
            try FileSystem.syncDirectory(directory)
            try FileSystem.syncDirectory(blobs)
        }
        if fault.hurt.isEmpty { return "nothing needs it; moved to \(directory)" }
        report.notes.append(
            "blob \(digest) was moved to \(directory), as nowhere else has it; store its content "
                + "again, or name a place that has it with `--from`")
        return nil
    }

    /// Brings a ref and the log together. A ref that names what is there is the truth, and the log is
    /// told of it; else it gets the value that the log has.
    private func mendRef(_ name: String) throws(AssayError) -> String? {
        try withLock { () throws(AssayError) in
            let log = try RefLog(path: logPath).read()
            guard log.fault == nil else { return nil }
            let last = log.last[name]
            if case .success(let ref?) = readRef(name), contains(ref.digest),
                ref.digest != last?.new
            {
                try RefLog(path: logPath).append(
                    name: name, old: last?.new, new: ref.digest, sequence: ref.sequence)
                return "kept as it is and added to the log"
            }
            guard let ref = last?.value, contains(ref.digest) else { return nil }
            let path = refsRoot.appending(name)
            try FileSystem.makeDirectory(path.removingLastComponent())
            try FileSystem.replace(path, with: Array(ref.line.utf8))
            return "set to \(ref.digest), as the log says"
        }
    }

    /// Sets a damaged log aside and begins a new one with the values that the refs have.
    private func restartLog() throws(AssayError) -> String? {
        try withLock { () throws(AssayError) in
            var number = 1
            while FileSystem.exists(root.appending("log.damaged-\(number)")) { number += 1 }
            let refs = try refs(in: "")
            try FileSystem.rename(logPath, to: root.appending("log.damaged-\(number)"))
            for (name, ref) in refs {
                try RefLog(path: logPath).append(
                    name: name, old: nil, new: ref.digest, sequence: ref.sequence)
            }
            try FileSystem.syncDirectory(root)
            return "begun anew from the refs; the old one is log.damaged-\(number)"
        }
    }
}
