public import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// How garbage collection goes about it.
public struct CollectionOptions: Sendable {
    /// Now, in nanoseconds since 1970.
    public var now: Int64
    /// A blob that nothing leads to stays while it is younger than this.
    public var grace: Duration
    /// What was moved to the trash stays there this many days.
    public var trashDays: Int
    /// What has to stay beside what the store's refs and leases lead to.
    public var roots: [StoreRoot]
    /// Reads the links of documents.
    public var reader: LinkReader

    /// A day of grace, two weeks in the trash.
    public init(
        now: Int64, grace: Duration = .seconds(86_400), trashDays: Int = 14,
        roots: [StoreRoot] = [], reader: LinkReader = LinkReader()
    ) {
        self.now = now
        self.grace = grace
        self.trashDays = trashDays
        self.roots = roots
        self.reader = reader
    }
}

extension Store {
    /// Says what garbage collection would take, and changes nothing.
    ///
    /// Throws `.damaged` if a ref, a running process's lease or a document that something leads to
    /// cannot be read: then nobody can tell what belongs to it. Costs a look at every blob and a
    /// read of every manifest, map and evidence document.
    public func planCollection(
        _ options: CollectionOptions
    ) throws(AssayError) -> CollectionReport {
        let leases = try withCollectionLock(shared: true) { () throws(AssayError) in
            try readLeases()
        }
        return try plan(options, leases: leases).report
    }

    /// Moves what nothing leads to into `trash/<date>/`, and removes what dead processes left and what
    /// lay in the trash for long enough.
    ///
    /// Other processes may read and write meanwhile; they are held up only while blobs are moved. A
    /// crash at any point loses nothing: a blob is in its place or in the trash.
    public func collect(_ options: CollectionOptions) throws(AssayError) -> CollectionReport {
        let known = try withCollectionLock(shared: true) { () throws(AssayError) in
            try readLeases()
        }
        var (report, graph, reached) = try plan(options, leases: known)
        let candidates = report.unreferenced
        report.unreferenced = []
        report.amounts[.unreferenced] = nil
        let day = TrashDay(seconds: options.now / 1_000_000_000)
        var rest = candidates[...]
        repeat {
            let batch = rest.prefix(1000)
            rest = rest.dropFirst(batch.count)
            try withCollectionLock(shared: false) { () throws(AssayError) in
                // What came to be named or held since the plan was made stays too.
                let roots = try roots(options, try readLeases())
                reached.formUnion(try marks(roots, &graph).keys)
                try requireWhole(graph)
                try move(Array(batch), to: day, unless: reached, options, &report)
            }
        } while !rest.isEmpty
        for digest in report.implausible {
            // Its time says nothing; its grace begins now.
            _ = unsafe utimensat(AT_FDCWD, blobPath(digest).string, nil, AT_SYMLINK_NOFOLLOW)
        }
        try sweep(options, apply: true, &report)
        report.isApplied = true
        return report
    }

    private typealias Plan = (report: CollectionReport, graph: StoreGraph, reached: Set<Digest>)

    private func plan(
        _ options: CollectionOptions, leases: [LeaseFile]
    ) throws(AssayError) -> Plan {
        // Blobs are listed first: what appears after that is not looked at.
        let blobs = try listBlobs().blobs
        var graph = StoreGraph(store: self, reader: options.reader)
        let marks = try marks(try roots(options, leases), &graph)
        try requireWhole(graph)
        let born = try FileSystem.status(of: root.appending("oci-layout"))?.modified ?? 0
        var report = CollectionReport()
        for blob in blobs {
            let reason =
                marks[blob.digest]
                ?? Self.reason(age: blob.modified, options, born: born)
            report.add(reason, bytes: blob.size)
            if reason == .clock, blob.modified < born { report.implausible.append(blob.digest) }
            if reason == .unreferenced { report.unreferenced.append((blob.digest, blob.size)) }
        }
        try sweep(options, apply: false, &report)
        return (report, graph, Set(marks.keys))
    }

    /// What becomes of a blob that nothing leads to.
    private static func reason(
        age modified: Int64, _ options: CollectionOptions, born: Int64
    ) -> CollectionReport.Reason {
        // A clock that was set back makes times lie; then the blob stays.
        if modified > options.now || modified < born - 60_000_000_000 { return .clock }
        let grace = options.grace.components.seconds * 1_000_000_000
        return options.now - modified < grace ? .young : .unreferenced
    }

    private func roots(
        _ options: CollectionOptions, _ leases: [LeaseFile]
    ) throws(AssayError) -> [StoreRoot] {
        var roots = try refs(in: "").map {
            StoreRoot(.ref, name: $0.name, digest: $0.ref.digest)
        }
        for lease in leases where lease.standing == .held {
            roots += lease.lines.map { line in
                StoreRoot(
                    .lease, name: "\(line.kind.rawValue) of process \(lease.owner?.id ?? 0)",
                    digest: line.digest, isRequired: false)
            }
        }
        return roots + options.roots
    }

    /// What the roots lead to, each with the first reason for it.
    private func marks(
        _ roots: [StoreRoot], _ graph: inout StoreGraph
    ) throws(AssayError) -> [Digest: CollectionReport.Reason] {
        var marks: [Digest: CollectionReport.Reason] = [:]
        for kind in [StoreRoot.Kind.ref, .promotion, .lease] {
            let reason: CollectionReport.Reason =
                switch kind {
                case .ref: .named
                case .promotion: .promoted
                case .lease: .inUse
                }
            for root in roots where root.kind == kind {
                if kind == .lease, root.name.hasPrefix("blob ") {
                    if marks[root.digest] == nil { marks[root.digest] = reason }
                    continue
                }
                for link in try graph.reach(root) {
                    if link.isDocument, link.isRequired, !contains(link.digest) {
                        throw AssayError(
                            .damaged,
                            "could not collect garbage: \(root.name) needs blob \(link.digest), "
                                + "which is not there, and what that leads to is not known",
                            hint: "run `assay store fsck --repair` first")
                    }
                    if marks[link.digest] == nil { marks[link.digest] = reason }
                }
            }
        }
        return marks
    }

    private func requireWhole(_ graph: StoreGraph) throws(AssayError) {
        guard let (digest, fault) = graph.faults.min(by: { $0.key < $1.key }) else { return }
        throw AssayError(
            .damaged,
            "could not collect garbage: what blob \(digest) leads to is not known, as it is damaged",
            hint: "run `assay store fsck --repair` first", cause: fault)
    }

    private func move(
        _ batch: [(digest: Digest, size: Int)], to day: TrashDay, unless reached: Set<Digest>,
        _ options: CollectionOptions, _ report: inout CollectionReport
    ) throws(AssayError) {
        let directory = trash.appending(day.name)
        let born = try FileSystem.status(of: root.appending("oci-layout"))?.modified ?? 0
        var isMoved = false
        for (digest, size) in batch {
            guard let status = try FileSystem.status(of: blobPath(digest)) else { continue }
            var reason = Self.reason(age: status.modified, options, born: born)
            if reached.contains(digest) { reason = .inUse }
            guard reason == .unreferenced else {
                report.add(reason, bytes: size)
                continue
            }
            if !isMoved { try FileSystem.makeDirectory(directory) }
            isMoved = true
            try FileSystem.rename(blobPath(digest), to: directory.appending(digest.hex))
            report.add(.unreferenced, bytes: size)
            report.unreferenced.append((digest, size))
        }
        guard isMoved else { return }
        // The new place first: a crash may leave a blob in both, never in none.
        try FileSystem.syncDirectory(directory)
        try FileSystem.syncDirectory(blobs)
    }
}
