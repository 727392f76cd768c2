import AssayCore
import AssaySystem
import SystemPackage

extension Store {
    /// Reads a ref without throwing, for checks that go on.
    func readRef(_ name: String) -> Result<Ref?, AssayError> {
        Result { () throws(AssayError) in try ref(name) }
    }

    /// Checks refs, log and index against each other, and gives the refs that can be read.
    func checkRefs(_ report: inout CheckReport) throws(AssayError) -> [StoreRoot] {
        // Refs do not change while they are held against the log.
        let lock = try lockForCheck()
        let log = try RefLog(path: logPath).read()
        if let fault = log.fault {
            report.faults.append(
                .init(
                    kind: .log, blob: nil,
                    message: "the log is damaged: \(fault.message); what follows is not read",
                    hurt: []))
        }
        if log.isTorn {
            report.notes.append("the log ends in half a line, as a crash leaves it")
        }
        var found: [String: Ref] = [:]
        for name in try refNames() {
            switch readRef(name) {
            case .success(let ref): found[name] = ref
            case .failure(let error):
                report.faults.append(
                    .init(kind: .ref, blob: nil, message: error.message, hurt: [name]))
            }
        }
        report.refs = found.count
        if log.fault == nil { hold(found, against: log, &report) }
        if let fault = try indexFault(log) {
            report.faults.append(.init(kind: .index, blob: nil, message: fault, hurt: []))
        } else if try !isIndexCurrent() {
            report.notes.append(
                "index.json is older than the refs, as a crash leaves it; the next change of a ref "
                    + "writes it anew")
        }
        _ = consume lock
        // What a wrong ref leads to is not what is hurt.
        let wrong = Set(report.faults.flatMap(\.hurt))
        found = found.filter { !wrong.contains($0.key) || contains($0.value.digest) }
        return found.sorted { $0.key < $1.key }.map {
            StoreRoot(.ref, name: $0.key, digest: $0.value.digest)
        }
    }

    private func hold(
        _ refs: [String: Ref], against log: RefLog.Content, _ report: inout CheckReport
    ) {
        let damaged = Set(report.faults.flatMap(\.hurt))
        let last = log.last
        for name in Set(refs.keys).union(last.keys).sorted() where !damaged.contains(name) {
            let value = refs[name]
            let change = last[name]
            guard value != change?.value else { continue }
            // The log is written first: a crash leaves a change that was not made.
            if let change, change.isPossible(after: value),
                value != nil || log.changes.last == change
            {
                report.notes.append(
                    "the log tells of a change of \(name) that was not made, as a crash leaves it")
                continue
            }
            let says =
                change?.value.map { "names \($0.digest) as number \($0.sequence)" }
                ?? "is not there"
            let message =
                value.map {
                    "ref \(name) names \($0.digest) as number \($0.sequence), and the log says it \(says)"
                }
                ?? "ref \(name) is gone, and the log says it \(says)"
            report.faults.append(.init(kind: .ref, blob: nil, message: message, hurt: [name]))
        }
    }

    /// The names of all refs, also of those that cannot be read.
    func refNames() throws(AssayError) -> [String] {
        var found: [String] = []
        var pending = [""]
        while let place = pending.popLast() {
            let path = place.isEmpty ? refsRoot : refsRoot.appending(place)
            for name in try FileSystem.names(in: path) where !name.hasPrefix(".") {
                let full = place.isEmpty ? name : "\(place)/\(name)"
                let status = try FileSystem.status(of: refsRoot.appending(full))
                if status?.kind == .directory { pending.append(full) } else { found.append(full) }
            }
        }
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func isIndexCurrent() throws(AssayError) -> Bool {
        let path = root.appending("index.json")
        do throws(AssayError) {
            return try FileSystem.read(path) == indexBytes()
        } catch {
            // Refs that cannot be read have been told of; the index cannot be held against them.
            guard error.code == .damaged else { throw error }
            return true
        }
    }

    /// What is wrong with `index.json`, beside that it may be old; `nil` if nothing is.
    private func indexFault(_ log: RefLog.Content) throws(AssayError) -> String? {
        let path = root.appending("index.json")
        guard FileSystem.exists(path) else { return "index.json is not there" }
        let known = Set(log.changes.map { [$0.ref, $0.new?.description ?? ""] })
        do throws(AssayError) {
            let bytes = try FileSystem.read(path)
            let root = JSONReader(
                try JSONParser.parse(bytes, file: "index.json"), document: "index.json")
            guard try root["schemaVersion"].integer() == 2,
                try root["mediaType"].string() == MediaType.index
            else { return "index.json is not an OCI image index" }
            for manifest in try root["manifests"].elements() {
                let name = try manifest["annotations"]["org.opencontainers.image.ref.name"].string()
                let digest = try manifest["digest"].digest()
                guard log.fault != nil || known.contains([name, digest.description]) else {
                    return "index.json gives \(name) the value \(digest), which it never had"
                }
                let entry = try indexEntry(name, digest)
                guard entry == nil || entry == manifest.value else {
                    return "index.json is wrong about \(name)"
                }
            }
            return nil
        } catch {
            guard error.code == .invalidDocument || error.code == .limit else { throw error }
            return "index.json is damaged: \(error.message)"
        }
    }
}
