import AssayCore
import AssaySystem
import SystemPackage

extension Store {
    private var checkRecord: FilePath { cache.appending("checked") }

    /// Hashes blobs, those that were not hashed for longest first, until the share or the time that is
    /// asked for is reached.
    func hash(
        _ blobs: [BlobFile], _ options: CheckOptions, start: ContinuousClock.Instant,
        _ owners: [Digest: Set<String>], _ report: inout CheckReport, _ progress: (Int, Int) -> Void
    ) throws(AssayError) {
        var record = try CheckRecord(at: checkRecord)
        var due = blobs.sorted {
            let (left, right) = (record.times[$0.digest] ?? 0, record.times[$1.digest] ?? 0)
            return (left, $0.digest) < (right, $1.digest)
        }
        switch options.depth {
        case .quick: return
        case .sample(let percent): due = Self.share(percent, of: due)
        case .full:
            // A full check that was stopped goes on with what it has not hashed.
            if let since = record.since, since <= options.now {
                due.removeAll { (record.times[$0.digest] ?? .min) >= since }
                report.notes.append(
                    "goes on with a full check that was not finished: "
                        + "\(blobs.count - due.count) of \(blobs.count) blobs were hashed then")
            } else {
                record.since = options.now
            }
        }
        var written = start
        var known = Set(report.faults.compactMap(\.blob))
        for (index, blob) in due.enumerated() {
            let now = ContinuousClock.now
            if let limit = options.maximumTime, now - start >= limit, index > 0 {
                report.left = due.count - index
                break
            }
            progress(index, due.count)
            if try hash(blob, owners, &known, &report) { record.times[blob.digest] = options.now }
            if now - written > .seconds(10) {
                try keep(record, blobs)
                written = now
            }
        }
        if options.depth == .full, report.left == 0 { record.since = nil }
        try keep(record, blobs)
    }

    /// Hashes one blob; gives whether it is whole.
    private func hash(
        _ blob: BlobFile, _ owners: [Digest: Set<String>], _ known: inout Set<Digest>,
        _ report: inout CheckReport
    ) throws(AssayError) -> Bool {
        do throws(AssayError) {
            try verify(blob.digest)
        } catch {
            switch error.code {
            // Collected since it was listed; what is needed was looked for before.
            case .damaged where !contains(blob.digest): return false
            case .digestMismatch, .damaged, .io: break
            default: throw error
            }
            report.hashed += 1
            report.hashedBytes += blob.size
            if known.insert(blob.digest).inserted {
                report.faults.append(
                    .init(
                        kind: .damaged, blob: blob.digest, message: error.message,
                        hurt: (owners[blob.digest] ?? []).sorted()))
            }
            return false
        }
        report.hashed += 1
        report.hashedBytes += blob.size
        return true
    }

    /// The first blobs that make up a share of all bytes; at least one.
    private static func share(_ percent: Double, of blobs: [BlobFile]) -> [BlobFile] {
        let total = blobs.reduce(0) { $0 + $1.size }
        let wanted = Double(total) * percent / 100
        var sum = 0.0
        return Array(
            blobs.prefix { blob in
                defer { sum += Double(blob.size) }
                return sum < wanted || sum == 0
            })
    }

    /// Keeps the record, where the store can be written; else the next check starts over.
    private func keep(_ record: CheckRecord, _ blobs: [BlobFile]) throws(AssayError) {
        guard isWritable else { return }
        try record.write(to: checkRecord, keeping: Set(blobs.map(\.digest)))
    }
}
