import AssayCore
import AssaySystem
import Glibc
import SystemPackage
import Testing

@testable import AssayStore

@Suite("Checking and repairing a store")
struct CheckTests {
    static let options = CheckOptions(now: 1_800_000_000)
    static var full: CheckOptions { CheckOptions(depth: .full, now: 1_800_000_000) }

    /// Lends a store with a bundle, evidence with a blob of its own, and a blob that nothing leads to.
    static func withStore(_ body: (Store) throws -> Void) throws {
        try CollectionTests.withStore { store in
            _ = try CollectionTests.artifact(store, "bundle/s/one", Array("content".utf8))
            let rows = try store.put(Array("rows of evidence".utf8))
            let evidence = CanonicalJSON.encode(["schema": "rows/v1", "rows": JSONValue(rows)])
            try store.setRef("evidence/s/e", to: try store.put(evidence))
            try store.put(CollectionTests.loose)
        } _: { store in
            #expect(try store.check(Self.full).faults.isEmpty)
            try body(store)
        }
    }

    static let reader = LinkReader([
        "rows/v1": { (root) throws(AssayError) in
            DocumentLinks([.init(try root["rows"].digest())])
        }
    ])

    /// The blobs of the store by what they are.
    static func blobs(_ store: Store) throws -> [String: Digest] {
        let artifact = try store.artifact(try #require(try store.ref("bundle/s/one")).digest)
        return [
            "manifest": artifact.manifest, "config": artifact.configDigest,
            "map": artifact.layers[0].digest, "segment": artifact.layers[1].digest,
            "evidence": try #require(try store.ref("evidence/s/e")).digest,
            "rows": Digest(of: Array("rows of evidence".utf8)),
            "loose": CollectionTests.looseDigest,
        ]
    }

    static let kinds = ["manifest", "config", "map", "segment", "evidence", "rows", "loose"]
    static let damages = ["flip", "cut", "extra", "lost", "empty"]

    static func damage(_ path: FilePath, _ damage: String, at place: Int = 3) throws -> [UInt8] {
        var bytes = try FileSystem.read(path)
        let whole = bytes
        switch damage {
        case "flip": bytes[place] ^= 4
        case "cut": bytes.removeLast()
        case "extra": bytes.append(bytes[0])
        case "empty": bytes = []
        default:
            try FileSystem.remove(path)
            return whole
        }
        try FileSystem.replace(path, with: bytes)
        return whole
    }

    @Test(
        "damage of a blob is named with what it hurts, and repaired from a copy", arguments: kinds,
        damages)
    func blobDamage(kind: String, damage: String) throws {
        try Self.withStore { store in
            let digest = try #require(try Self.blobs(store)[kind])
            let copy = store.root.removingLastComponent().appending("copy")
            try FileSystem.makeDirectory(copy.appending("blobs/sha256"))
            let whole = try Self.damage(store.blobPath(digest), damage)
            try FileSystem.replace(copy.appending("blobs/sha256/\(digest.hex)"), with: whole)
            var options = Self.full
            options.reader = Self.reader
            let report = try store.check(options)
            if kind == "loose", damage == "lost" { return #expect(report.faults.isEmpty) }
            #expect(report.open.count == 1, "\(report.faults)")
            let fault = try #require(report.faults.first)
            #expect(fault.kind == (damage == "lost" ? .missing : .damaged))
            #expect(fault.blob == digest)
            let names = [
                "loose": [], "rows": ["evidence/s/e"], "evidence": ["evidence/s/e"],
            ]
            #expect(fault.hurt == names[kind] ?? ["bundle/s/one"])
            let mended = try store.repair(options, sources: [try BlobSource(at: copy)])
            #expect(mended.open.isEmpty, "\(mended.faults)")
            #expect(try store.check(options).faults.isEmpty)
            #expect(try store.read(digest) == whole)
            #expect(try FileSystem.status(of: store.blobPath(digest))?.mode == 0o444)
        }
    }

    @Test("without a copy damage stays named, and storing the content again heals it")
    func noCopy() throws {
        try Self.withStore { store in
            let rows = Array("rows of evidence".utf8)
            _ = try Self.damage(store.blobPath(Digest(of: rows)), "flip")
            var options = Self.full
            options.reader = Self.reader
            let report = try store.repair(options, sources: [])
            #expect(report.open.map(\.blob) == [Digest(of: rows)])
            #expect(report.notes.contains { $0.contains("store its content again") })
            #expect(try store.check(options).faults.map(\.kind) == [.missing])
            try store.put(rows)
            #expect(try store.check(options).faults.isEmpty)
        }
    }

    @Test("a copy that is damaged too is not placed")
    func badCopy() throws {
        try Self.withStore { store in
            let digest = try #require(try Self.blobs(store)["segment"])
            let copy = store.root.removingLastComponent().appending("copy/blobs/sha256")
            try FileSystem.makeDirectory(copy)
            try FileSystem.replace(copy.appending(digest.hex), with: Array("contenu".utf8))
            try FileSystem.remove(store.blobPath(digest))
            let source = try BlobSource(at: store.root.removingLastComponent().appending("copy"))
            #expect(try store.repair(Self.full, sources: [source]).open.count == 1)
            #expect(!store.contains(digest))
            #expect(try FileSystem.names(in: store.ingest).isEmpty)
        }
    }

    @Test("what was collected by mistake comes back out of the trash")
    func trash() throws {
        try Self.withStore { store in
            // As if a name was put back by hand after a collection.
            let ref = store.root.appending("refs/bundle/s/one")
            let line = try FileSystem.read(ref)
            let log = try FileSystem.read(store.logPath)
            try store.deleteRef("bundle/s/one")
            var later = CollectionTests.later
            later.reader = Self.reader
            #expect(try store.collect(later)[.unreferenced].count >= 4)
            try FileSystem.replace(ref, with: line)
            try FileSystem.replace(store.logPath, with: log)
            #expect(!(try store.check(Self.options).faults.isEmpty))
            let report = try store.repair(Self.options, sources: [])
            #expect(report.open.isEmpty, "\(report.faults)")
            #expect(report.faults.allSatisfy { $0.repair?.contains("trash") == true })
            // The manifest, and then what it leads to.
            #expect(report.faults.count == 4)
        }
    }

    @Test(
        "damage of ref, log, index and marker is named and mended",
        arguments: ["refs/evidence/s/e", "log", "index.json", "oci-layout"],
        ["flip", "cut", "extra", "empty"])
    func fileDamage(file: String, damage: String) throws {
        try Self.withStore { store in
            let path = store.root.appending(file)
            let whole = try FileSystem.read(path)
            for place in stride(from: 0, to: damage == "flip" ? whole.count : 1, by: 5) {
                _ = try Self.damage(path, damage, at: place)
                let isTornLog = file == "log" && damage != "flip"
                // The parsers of others ignore space at the end.
                if file == "oci-layout" {
                    let error = #expect(throws: AssayError.self, "\(place)") {
                        try Store.open(at: store.root)
                    }
                    let known: [AssayError.Code] = [.damaged, .unsupported]
                    #expect(known.contains(error?.code ?? .io))
                    if error?.code == .damaged {
                        _ = try Store.open(at: store.root, mending: true)
                        #expect(try FileSystem.read(path) == whole)
                    }
                } else {
                    let report = try store.check(Self.full)
                    if isTornLog, damage == "extra" {
                        #expect(report.faults.isEmpty && !report.notes.isEmpty)
                    } else {
                        #expect(!report.open.isEmpty, "\(file) \(damage) at \(place)")
                        let mended = try store.repair(Self.full, sources: [])
                        #expect(mended.open.isEmpty, "\(file) \(damage) \(place) \(mended.faults)")
                        #expect(try store.check(Self.full).faults.isEmpty)
                    }
                    if file != "log" { #expect(try FileSystem.read(path) == whole) }
                }
                try FileSystem.replace(path, with: whole)
            }
        }
    }

    static let logChanges = ["another digest", "another name", "left out", "in another order"]

    @Test(
        "an entry in the middle of the log that was altered is named by the line that does not follow",
        arguments: logChanges)
    func brokenChain(change: String) throws {
        try StoreTests.withStore { store in
            let digests = try (0..<6).map { try store.put([UInt8($0)]) }
            for digest in digests { try store.setRef("r/x", to: digest) }
            let whole = String(decoding: try FileSystem.read(store.logPath), as: UTF8.self)
            var lines = whole.split(separator: "\n").map(String.init)
            #expect(lines.count == 6 && lines[2].contains(digests[2].hex))
            switch change {
            case "another digest": lines[2].replace(digests[2].hex, with: digests[5].hex)
            case "another name": lines[2].replace("r/x", with: "r/y")
            case "left out": lines.remove(at: 2)
            default: lines.swapAt(2, 3)
            }
            let altered = lines.map { $0 + "\n" }.joined()
            try FileSystem.replace(store.logPath, with: Array(altered.utf8))
            let report = try store.check(Self.options)
            #expect(report.faults.map(\.kind) == [.log], "\(report.faults)")
            // A line can be read by itself; that it is another is seen by the one behind it.
            let line = change.hasPrefix("another") ? 4 : 3
            #expect(
                report.faults.first?.message.contains("line \(line) of \(store.logPath)") == true,
                "\(report.faults)")
            #expect(report.faults.first?.message.contains("does not follow") == true)
            let mended = try store.repair(Self.options, sources: [])
            #expect(mended.open.isEmpty, "\(mended.faults)")
            #expect(try store.check(Self.options).faults.isEmpty)
            #expect(try store.ref("r/x") == Ref(digest: digests[5], sequence: 6))
        }
    }

    @Test("a ref that is gone is named and set again as the log says")
    func lostRef() throws {
        try Self.withStore { store in
            try FileSystem.remove(store.root.appending("refs/bundle/s/one"))
            let report = try store.check(Self.options)
            #expect(report.faults.map(\.kind) == [.ref])
            #expect(report.faults.first?.hurt == ["bundle/s/one"])
            #expect(try store.repair(Self.options, sources: []).open.isEmpty)
            #expect(try store.ref("bundle/s/one")?.sequence == 1)
        }
    }

    @Test(
        "a sample takes what was not hashed for longest, and a full check goes on where it stopped")
    func resumes() throws {
        try Self.withStore { store in
            try FileSystem.remove(store.cache.appending("checked"))
            let count = try store.check(Self.options).blobs
            var seen = 0
            for run in 0..<count {
                let now = Int64(1000 + run)
                seen += try store.check(CheckOptions(depth: .sample(0.1), now: now)).hashed
            }
            #expect(seen == count)
            let record = try CheckRecord(at: store.cache.appending("checked"))
            #expect(Set(record.times.values).count == count)
            var runs = 0
            while true {
                runs += 1
                let options = CheckOptions(
                    depth: .full, now: Int64(2000 + runs), maximumTime: .nanoseconds(1))
                let report = try store.check(options)
                #expect(report.hashed == 1)
                if report.left == 0 { break }
                #expect(report.left == count - runs)
            }
            #expect(runs == count)
            // A record that is lost or damaged costs time and nothing else.
            try FileSystem.replace(
                store.cache.appending("checked"), with: Array("since x\nnonsense\u{0}".utf8))
            #expect(try store.check(CheckOptions(depth: .full, now: 3000)).hashed == count)
        }
    }

    @Test("a store that cannot be written is checked all the same")
    func readOnly() throws {
        try Self.withStore { store in
            let mount = store.root.string
            guard unsafe Glibc.mount(mount, mount, nil, UInt(MS_BIND), nil) == 0 else { return }
            defer { umount2(mount, Int32(MNT_DETACH)) }
            try #require(
                unsafe Glibc.mount(
                    nil, mount, nil, UInt(MS_BIND) | UInt(MS_REMOUNT) | UInt(MS_RDONLY), nil) == 0)
            let other = try Store.open(at: store.root)
            #expect(try other.check(Self.full).faults.isEmpty)
            let manifest = try #require(try other.ref("bundle/s/one")).digest
            #expect(try other.artifact(manifest).files.count == 1)
            #expect(try other.statistics().entries.count == 2)
            for attempt in [
                { _ = try other.put([1, 2]) }, { try other.setRef("x/y", to: manifest) },
                { _ = try other.collect(CollectionTests.later) },
            ] as [() throws -> Void] {
                let error = #expect(throws: AssayError.self) { try attempt() }
                #expect(error?.code == .io)
            }
        }
    }

    @Test("a ref that is deleted and made again goes on counting")
    func sequence() throws {
        try StoreTests.withStore { store in
            let digest = try store.put([1])
            try store.setRef("r/x", to: digest)
            try store.setRef("r/x", to: try store.put([2]))
            try store.deleteRef("r/x")
            #expect(try store.setRef("r/x", to: digest).sequence == 3)
            #expect(try store.setRef("r/x.y", to: digest).sequence == 1)
            #expect(try store.check(Self.full).faults.isEmpty)
        }
    }

    @Test("statistics count what sharing saves and what only one name needs")
    func statistics() throws {
        try StoreTests.withStore { store in
            let shared = [UInt8](repeating: 7, count: 5 << 20)
            for name in ["one", "two"] {
                let files = [
                    try StoreTests.entry(store, "shared", shared),
                    try StoreTests.entry(store, "copy", shared),
                    try StoreTests.entry(store, "zown", Array(name.utf8)),
                ]
                let manifest = try store.putArtifact(
                    ArtifactDraft(
                        artifactType: "t/t", configType: "c/c",
                        config: Array("{\"n\":\"\(name)\"}".utf8), files: files))
                try store.setRef("bundle/s/\(name)", to: manifest)
            }
            let statistics = try store.statistics()
            #expect(statistics.entries.map(\.names) == [["bundle/s/one"], ["bundle/s/two"]])
            for entry in statistics.entries {
                #expect(entry.logical == entry.stored + shared.count)
                #expect(entry.unique == entry.stored - shared.count)
            }
            #expect(statistics.saved == 3 * shared.count)
            let sizes = try FileSystem.names(in: store.blobs).map {
                try FileSystem.status(of: store.blobs.appending($0))?.size ?? 0
            }
            #expect(statistics.stored == sizes.reduce(0, +))
        }
    }
}
