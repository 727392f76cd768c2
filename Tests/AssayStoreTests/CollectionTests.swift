import AssayCore
import AssaySystem
import Glibc
import SystemPackage
import Testing

@testable import AssayStore

@Suite("Garbage collection")
struct CollectionTests {
    /// Makes a store, lets `fill` put things into it as a process that then ends, and lends it.
    static func withStore(
        filledBy fill: (Store) throws -> Void, _ body: (Store) throws -> Void
    ) throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-store-test-")
        let path = directory.path.appending("store")
        try fill(try Store.create(at: path))
        try body(try Store.open(at: path))
    }

    /// Two days from now, when nothing that was just written is young.
    static var later: CollectionOptions {
        CollectionOptions(now: now() + 2 * 86_400_000_000_000)
    }

    static func now() -> Int64 { Int64(time(nil)) * 1_000_000_000 }

    static func artifact(_ store: Store, _ name: String, _ bytes: [UInt8]) throws -> Digest {
        let file = try StoreTests.entry(store, "file", bytes)
        let manifest = try store.putArtifact(
            ArtifactDraft(
                artifactType: "t/t", configType: "c/c", config: Array("{\"n\":\"\(name)\"}".utf8),
                files: [file]))
        try store.setRef(name, to: manifest)
        return manifest
    }

    static let loose: [UInt8] = Array("nothing leads here".utf8)
    static var looseDigest: Digest { Digest(of: loose) }

    @Test("what nothing leads to goes to the trash, the rest stays, and --undo brings it back")
    func collects() throws {
        try Self.withStore { store in
            _ = try Self.artifact(store, "bundle/s/one", Array("content".utf8))
            try store.put(Self.loose)
        } _: { store in
            let plan = try store.planCollection(Self.later)
            #expect(plan.unreferenced.map(\.digest) == [Self.looseDigest])
            #expect(plan[.unreferenced].bytes == Self.loose.count)
            #expect(!plan.isApplied && store.contains(Self.looseDigest))
            let report = try store.collect(Self.later)
            #expect(report.unreferenced.map(\.digest) == [Self.looseDigest])
            #expect(report[.unreferenced] == plan[.unreferenced])
            #expect(!store.contains(Self.looseDigest))
            #expect(try store.check(CheckOptions(depth: .full, now: 1)).faults.isEmpty)
            #expect(try store.putBackTrash().back == [Self.looseDigest])
            #expect(try store.read(Self.looseDigest) == Self.loose)
        }
    }

    @Test("what is young stays, and a blob that is stored again is young again")
    func grace() throws {
        try Self.withStore {
            try $0.put(Self.loose)
        } _: { store in
            var options = CollectionOptions(now: Self.now() + 1_000_000_000)
            #expect(try store.collect(options)[.young].count == 1)
            let old = timespec(tv_sec: time(nil) - 90_000, tv_nsec: 0)
            try Self.set(old, of: store.blobPath(Self.looseDigest))
            try Self.set(old, of: store.root.appending("oci-layout"))
            #expect(try store.planCollection(options)[.unreferenced].count == 1)
            do { try Store.open(at: store.root).put(Self.loose) }
            options.now = Self.now() + 1_000_000_000
            #expect(try store.collect(options)[.young].count == 1)
            #expect(store.contains(Self.looseDigest))
        }
    }

    @Test("a time in the future or before the store was made takes nothing away")
    func clock() throws {
        try Self.withStore {
            try $0.put(Self.loose)
        } _: { store in
            let path = store.blobPath(Self.looseDigest)
            try Self.set(timespec(tv_sec: time(nil) + 864_000, tv_nsec: 0), of: path)
            #expect(try store.collect(Self.later)[.clock].count == 1)
            try Self.set(timespec(tv_sec: 1000, tv_nsec: 0), of: path)
            #expect(try store.collect(Self.later)[.clock].count == 1)
            #expect(store.contains(Self.looseDigest))
            // Its grace began with that collection.
            let options = CollectionOptions(now: Self.now() + 1_000_000_000)
            #expect(try store.collect(options)[.young].count == 1)
        }
    }

    @Test("what a running process stored or reads stays until it lets go")
    func lease() throws {
        try Self.withStore {
            _ = try Self.artifact($0, "bundle/s/one", [1, 2, 3])
        } _: { store in
            let manifest = try #require(try store.ref("bundle/s/one")).digest
            do {
                let other = try Store.open(at: store.root)
                try other.put(Self.loose)
                _ = try other.artifact(manifest)
                try Store.open(at: store.root).deleteRef("bundle/s/one")
                let report = try store.collect(Self.later)
                #expect(report[.unreferenced].count == 0)
                #expect(report[.inUse].count == 5)
                #expect(try other.artifact(manifest).files.count == 1)
            }
            #expect(try store.collect(Self.later)[.unreferenced].count == 5)
            #expect(!store.contains(manifest))
        }
    }

    static let deadOwners = ["ended", "rebooted", "torn"]

    @Test(
        "the lease of a dead process is told of, protects nothing and is removed",
        arguments: deadOwners)
    func deadLease(kind: String) throws {
        try Self.withStore {
            try $0.put(Self.loose)
        } _: { store in
            let me = try ProcessIdentity.current()
            let owner =
                kind == "rebooted"
                ? ProcessIdentity(id: me.id, start: me.start, boot: "another")
                : ProcessIdentity(id: me.id, start: me.start + 1, boot: me.boot)
            let line = LeaseFile.Line(kind: .blob, digest: Self.looseDigest).text
            var bytes = LeaseFile.header(of: owner) + Array(line.utf8)
            if kind == "torn" { bytes.removeLast(40) }
            try FileSystem.makeDirectory(store.leases)
            try FileSystem.replace(store.leases.appending("77-1"), with: bytes)
            let plan = try store.planCollection(Self.later)
            #expect(plan[.deadLease].count == 1 && plan[.unreferenced].count == 1)
            let words = [
                "ended": "ended", "rebooted": "started last", "torn": "no process holds it",
            ]
            #expect(plan.notes.contains { $0.contains(words[kind] ?? "?") }, "\(plan.notes)")
            _ = try store.collect(Self.later)
            #expect(try FileSystem.names(in: store.leases).isEmpty)
            #expect(!store.contains(Self.looseDigest))
        }
    }

    @Test("a lease that is held and cannot be read stops the collection")
    func damagedLease() throws {
        try Self.withStore {
            try $0.put(Self.loose)
        } _: { store in
            try FileSystem.makeDirectory(store.leases)
            let path = store.leases.appending("77-1")
            try FileSystem.replace(path, with: Array("nonsense\n".utf8))
            let held = try OpenFile.reading(path)
            #expect(flock(held.rawDescriptor, LOCK_EX | LOCK_NB) == 0)
            let error = #expect(throws: AssayError.self) { try store.collect(Self.later) }
            #expect(error?.code == .damaged)
            #expect(store.contains(Self.looseDigest))
            let faults = try store.check(CheckOptions(now: 1)).faults
            #expect(faults.map(\.kind) == [.lease])
            withExtendedLifetime(held.rawDescriptor) {}
        }
    }

    @Test("a document that is hurt stops the collection, as what it leads to is not known")
    func hurt() throws {
        try Self.withStore {
            _ = try Self.artifact($0, "bundle/s/one", [1, 2, 3])
            try $0.put(Self.loose)
        } _: { store in
            let manifest = try #require(try store.ref("bundle/s/one")).digest
            let bytes = try FileSystem.read(store.blobPath(manifest))
            for damage in [Array(bytes.dropLast()), bytes + [1], nil] {
                if let damage {
                    try FileSystem.replace(store.blobPath(manifest), with: damage)
                } else {
                    try FileSystem.remove(store.blobPath(manifest))
                }
                for _ in 0..<2 {
                    #expect(throws: AssayError.self) { try store.collect(Self.later) }
                }
                #expect(store.contains(Self.looseDigest))
            }
            try FileSystem.replace(store.blobPath(manifest), with: bytes)
            #expect(try store.collect(Self.later)[.unreferenced].count == 1)
        }
    }

    static let reader = LinkReader([
        "test/v1": { (root) throws(AssayError) in
            DocumentLinks([.init(try root["child"].digest())])
        }
    ])

    @Test("what a document leads to stays: by its reader, or by every digest it mentions")
    func links() throws {
        let child = Array("child".utf8)
        try Self.withStore { store in
            let digest = try store.put(child)
            let document = CanonicalJSON.encode([
                "schema": "test/v1", "child": JSONValue(digest),
                "bundle": JSONValue(Self.looseDigest),
            ])
            try store.put(Self.loose)
            try store.setRef("evidence/e", to: try store.put(document))
        } _: { (store) throws in
            #expect(try store.planCollection(Self.later)[.unreferenced].count == 0)
            var options = Self.later
            options.reader = Self.reader
            #expect(
                try store.planCollection(options).unreferenced.map(\.digest) == [Self.looseDigest])
            options.roots = [
                StoreRoot(.promotion, name: "x", digest: Self.looseDigest, isRequired: false),
                StoreRoot(.promotion, name: "y", digest: Digest(of: [9]), isRequired: false),
            ]
            #expect(try store.collect(options)[.promoted].count == 1)
            #expect(store.contains(Self.looseDigest))
        }
    }

    @Test("the trash is kept for its days, and ingest of a dead process for an hour")
    func sweep() throws {
        try Self.withStore {
            try $0.put(Self.loose)
        } _: { store in
            _ = try store.collect(Self.later)
            var options = Self.later
            options.now += 14 * 86_400_000_000_000
            #expect(try store.collect(options)[.expired].count == 0)
            options.now += 86_400_000_000_000
            #expect(try store.planCollection(options)[.expired].bytes == Self.loose.count)
            #expect(try store.collect(options)[.expired].count == 1)
            #expect(try FileSystem.names(in: store.trash).isEmpty)
            let left = store.ingest.appending("\(Int32.max)-5")
            try FileSystem.makeDirectory(left)
            try FileSystem.replace(left.appending("blob"), with: [1, 2, 3])
            let torn = store.refsRoot.appending("bundle/.x.\(Int32.max).5.tmp")
            try FileSystem.makeDirectory(torn.removingLastComponent())
            try FileSystem.replace(torn, with: [1, 2])
            options.now = Self.now()
            #expect(try store.planCollection(options)[.abandoned].count == 0)
            #expect(try store.collect(Self.later)[.abandoned].bytes == 5)
            #expect(!FileSystem.exists(left) && !FileSystem.exists(torn))
        }
    }

    @Test(
        "days of the trash have the names that people write",
        arguments: [
            (0, "1970-01-01"), (951_782_400, "2000-02-29"), (-1, "1969-12-31"),
            (4_102_444_799, "2099-12-31"),
        ] as [(Int64, String)])
    func days(seconds: Int64, name: String) {
        #expect(TrashDay(seconds: seconds).name == name)
        #expect(TrashDay(name: name) == TrashDay(seconds: seconds))
        for bad in ["2001-02-29", "2001-2-1", "x", "2001-01-01x", "-001-01-01"] {
            #expect(TrashDay(name: bad) == nil, "\(bad)")
        }
    }

    static func set(_ time: timespec, of path: FilePath) throws {
        let result = unsafe withUnsafePointer(to: (time, time)) { pointer in
            unsafe pointer.withMemoryRebound(to: timespec.self, capacity: 2) {
                unsafe utimensat(AT_FDCWD, path.string, $0, AT_SYMLINK_NOFOLLOW)
            }
        }
        try #require(result == 0)
    }
}
