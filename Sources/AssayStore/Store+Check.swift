public import AssayCore
import AssaySystem
import SystemPackage

/// How a store is checked.
public struct CheckOptions: Sendable {
    /// How thoroughly.
    public var depth: CheckDepth
    /// Now, in seconds since 1970: noted for each blob that is hashed.
    public var now: Int64
    /// Hashing stops after this time; the next check goes on from there.
    public var maximumTime: Duration?
    /// What else should be there, besides what the refs lead to.
    public var roots: [StoreRoot]
    /// Reads the links of documents.
    public var reader: LinkReader

    /// A quick check without a limit.
    public init(
        depth: CheckDepth = .quick, now: Int64, maximumTime: Duration? = nil,
        roots: [StoreRoot] = [], reader: LinkReader = LinkReader()
    ) {
        self.depth = depth
        self.now = now
        self.maximumTime = maximumTime
        self.roots = roots
        self.reader = reader
    }
}

extension Store {
    /// Checks the store, and names what is hurt. Changes nothing but the record of what was hashed when.
    ///
    /// Other processes may read, write and collect meanwhile. Costs a look at every blob and a read of
    /// every manifest, map and evidence document, and of the share of content that is asked for.
    /// `progress` is told the blobs hashed so far and how many there are to hash.
    public func check(
        _ options: CheckOptions, progress: (Int, Int) -> Void = { _, _ in }
    ) throws(AssayError) -> CheckReport {
        let start = ContinuousClock.now
        var report = CheckReport()
        let roots = try checkRefs(&report)
        try checkLeases(&report)
        let (blobs, strays) = try listBlobs()
        report.blobs = blobs.count
        report.bytes = blobs.reduce(0) { $0 + $1.size }
        report.notes += strays.map { "blobs/sha256/\($0) is no blob, and nothing here made it" }
        var graph = StoreGraph(store: self, reader: options.reader)
        var owners: [Digest: Set<String>] = [:]
        var wanted: [Digest: DocumentLinks.Link] = [:]
        for root in roots + options.roots {
            let links = try graph.reach(root)
            if !root.isRequired, !contains(root.digest) {
                report.notes.append("\(root.name) is not in this store")
            }
            // A name that was moved on meanwhile is not hurt by what was collected since.
            if root.kind == .ref, isMissing(links), !isCurrent(root) { continue }
            for link in links {
                owners[link.digest, default: []].insert(root.name)
                if link.isRequired { wanted[link.digest] = wanted[link.digest] ?? link }
            }
        }
        try checkLinks(wanted, graph.faults, owners, &report)
        if options.depth != .quick {
            try hash(blobs, options, start: start, owners, &report, progress)
        }
        return report
    }

    private func isMissing(_ links: [DocumentLinks.Link]) -> Bool {
        links.contains { $0.isRequired && !contains($0.digest) }
    }

    private func isCurrent(_ root: StoreRoot) -> Bool {
        guard case .success(let ref) = readRef(root.name) else { return true }
        return ref?.digest == root.digest
    }

    private func checkLinks(
        _ wanted: [Digest: DocumentLinks.Link], _ faults: [Digest: AssayError],
        _ owners: [Digest: Set<String>], _ report: inout CheckReport
    ) throws(AssayError) {
        for (digest, link) in wanted.sorted(by: { $0.key < $1.key }) {
            let hurt = (owners[digest] ?? []).sorted()
            guard let status = try FileSystem.status(of: blobPath(digest)) else {
                report.faults.append(
                    .init(
                        kind: .missing, blob: digest,
                        message: "blob \(digest) is not in the store", hurt: hurt))
                continue
            }
            if let size = link.size, size != status.size {
                report.faults.append(
                    .init(
                        kind: .damaged, blob: digest,
                        message: "blob \(digest) has \(status.size) bytes, and its manifest says "
                            + "\(size)", hurt: hurt))
            }
        }
        for (digest, error) in faults.sorted(by: { $0.key < $1.key })
        where !report.faults.contains(where: { $0.blob == digest }) {
            report.faults.append(
                .init(
                    kind: .damaged, blob: digest, message: error.message,
                    hurt: (owners[digest] ?? []).sorted()))
        }
    }

    private func checkLeases(_ report: inout CheckReport) throws(AssayError) {
        guard FileSystem.exists(leases) else { return }
        // Shared: so no lease is read that is being made or written.
        let lock = try lockForReading()
        for name in try FileSystem.names(in: leases) {
            do throws(AssayError) {
                guard let lease = try LeaseFile.read(leases.appending(name)) else { continue }
                if case .dead(let why) = lease.standing {
                    report.notes.append(
                        "lease \(name) protects nothing: \(why); `assay store gc --apply` removes it"
                    )
                }
            } catch {
                guard error.code == .damaged else { throw error }
                report.faults.append(
                    .init(kind: .lease, blob: nil, message: error.message, hurt: []))
            }
        }
        _ = consume lock
    }

    /// `gc.lock` shared; none in a store that cannot be written, where nobody collects either.
    private func lockForReading() throws(AssayError) -> FileLock? {
        guard isWritable else { return nil }
        return try FileLock.acquire(collectionLock, shared: true)
    }

    /// `lock` alone; none in a store that cannot be written, where a change of a ref by another user
    /// may look like damage for a moment.
    func lockForCheck() throws(AssayError) -> FileLock? {
        guard isWritable else { return nil }
        return try FileLock.acquire(root.appending("lock"))
    }
}
