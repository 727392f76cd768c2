import AssayCore
import SystemPackage

/// Reads WARC files (ISO 28500) of any program, packed with gzip or not; the records of Assay itself
/// come back with all that is known of their exchanges.
enum WARCImport {
    /// Whether a file begins as a WARC does.
    static func recognises(_ start: ArraySlice<UInt8>) -> Bool {
        start.starts(with: "WARC/1.".utf8) || start.starts(with: "WARC/0.".utf8)
    }

    /// Hands the exchanges of a file to `sink`, and counts what is lost and why.
    ///
    /// A request and a response are joined by `WARC-Concurrent-To`, or else by their target if they
    /// follow one another.
    static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, _ options: ImportOptions, into sink: inout Sink
    ) throws(AssayError) -> CaptureLosses {
        var records = try WARCRecords(path)
        var joining = WARCJoining(options: options)
        var own = OwnRecords(name: path.string)
        while true {
            do throws(AssayError) {
                guard let record = try records.next() else { break }
                if record.isOwn {
                    try own.add(record, &joining.losses, &sink)
                } else {
                    try joining.add(record, &sink)
                }
            } catch {
                guard options.salvage, error.code == .damaged else { throw error }
                joining.losses.lose(\.truncated, error.message)
                guard try records.skipDamage() else { break }
                own.forget()
            }
        }
        try joining.finish(&sink)
        do throws(AssayError) {
            try own.finish(&joining.losses)
        } catch {
            guard options.salvage else { throw error }
            joining.losses.lose(\.truncated, error.message)
        }
        return joining.losses
    }
}

/// Gathers the records of Assay's own exchanges until each is whole.
private struct OwnRecords {
    let name: String
    private var bytes: [UInt8] = []
    private var summary: CaptureSummary?
    private var kept = 0

    init(name: String) {
        self.name = name
    }

    mutating func add<Sink: ExchangeSink & ~Copyable>(
        _ record: WARCRecords.Record, _ losses: inout CaptureLosses, _ sink: inout Sink
    ) throws(AssayError) {
        if record.type == "warcinfo" {
            summary = try CaptureSummary(
                parsing: Array(record.block), name: "the summary in \(name)")
            return
        }
        bytes += record.bytes
        guard record.type == "metadata" else { return }
        defer { bytes.removeAll(keepingCapacity: true) }
        var decoder = ExchangeDecoder(bytes)
        if let exchange = try decoder.next() {
            try sink.append(exchange)
            losses.keep()
            kept += 1
        }
    }

    mutating func forget() {
        bytes.removeAll()
    }

    /// Holds the count against the summary, and takes over the losses in it.
    func finish(_ losses: inout CaptureLosses) throws(AssayError) {
        guard bytes.isEmpty else {
            throw AssayError(
                .damaged, "\(name) ends in the middle of an exchange",
                hint: "keep the whole exchanges with `--salvage`")
        }
        guard let summary else { return }
        guard summary.exchanges == kept else {
            throw AssayError(
                .damaged, "\(name) ends after \(kept) of \(summary.exchanges) exchanges",
                hint: "keep the whole exchanges with `--salvage`")
        }
        var before = summary.losses
        before.seen -= before.whole
        before.whole = 0
        losses.add(before)
    }
}

/// Joins requests with their responses.
private struct WARCJoining {
    private struct Half {
        let id: String, concurrent: [String], target: String
        let message: [UInt8], isRequest: Bool
        let time: Int64
        let isCut: Bool
    }

    let options: ImportOptions
    var losses = CaptureLosses()
    private var waiting = WaitingHalves<String, Half>()
    /// Who waits for a record that has not come yet.
    private var wanted: [String: String] = [:]
    private var previous: String?

    init(options: ImportOptions) {
        self.options = options
    }

    mutating func add<Sink: ExchangeSink & ~Copyable>(
        _ record: WARCRecords.Record, _ sink: inout Sink
    ) throws(AssayError) {
        switch record.type {
        case "warcinfo", "metadata", "continuation": return
        case "request", "response": break
        default: return losses.lose(\.unsupported, "a record of type \(record.type)")
        }
        guard record.contentType.hasPrefix("application/http"),
            let time = record.date.flatMap({ Timestamp.nanoseconds($0) })
        else { return losses.lose(\.unsupported, "a record is not of HTTP or has no time") }
        let half = Half(
            id: record.id, concurrent: record.concurrent, target: record.target,
            message: Array(record.block), isRequest: record.type == "request", time: time,
            isCut: record.isTruncated)
        if let key = partner(of: half), let other = waiting.take(key) {
            for id in other.concurrent { wanted[id] = nil }
            previous = nil
            return try write(
                half.isRequest ? half : other, half.isRequest ? other : half, &sink)
        }
        for id in half.concurrent { wanted[id] = half.id }
        previous = half.id
        let givenUp = waiting.wait(half, under: half.id, size: half.message.count + 512)
        for half in givenUp { try giveUp(half, &sink) }
    }

    private func partner(of half: Half) -> String? {
        func fits(_ key: String?) -> Bool {
            key.flatMap { waiting[$0] }.map { $0.isRequest != half.isRequest } ?? false
        }
        for id in half.concurrent + [wanted[half.id]].compactMap({ $0 }) where fits(id) {
            return id
        }
        guard half.concurrent.isEmpty, let previous, fits(previous),
            let other = waiting[previous], other.concurrent.isEmpty, other.target == half.target
        else { return nil }
        return previous
    }

    mutating func finish<Sink: ExchangeSink & ~Copyable>(
        _ sink: inout Sink
    ) throws(AssayError) {
        for half in waiting.drain() { try giveUp(half, &sink) }
    }

    private mutating func giveUp<Sink: ExchangeSink & ~Copyable>(
        _ half: Half, _ sink: inout Sink
    ) throws(AssayError) {
        for id in half.concurrent { wanted[id] = nil }
        guard half.isRequest else {
            return losses.lose(\.truncated, "a response without a request")
        }
        guard options.keepsUnanswered, !half.isCut else {
            return losses.lose(\.truncated, "a request without a response")
        }
        try write(half, nil, &sink)
    }

    private mutating func write<Sink: ExchangeSink & ~Copyable>(
        _ request: Half, _ response: Half?, _ sink: inout Sink
    ) throws(AssayError) {
        guard !request.isCut, response?.isCut != true else {
            return losses.lose(\.truncated, "a record says that it was truncated")
        }
        var changes: Set<String> = []
        do throws(AssayError) {
            let method = try HTTPMessage(request.message, role: .request).head.method
            var bytes: [UInt8] = []
            if let response { bytes = try answer(response.message, method, &changes) }
            let after = max(0, (response?.time ?? 0) &- request.time)
            try sink.append(
                Exchange(
                    request: request.message, response: bytes, startedAt: request.time,
                    firstByteAfter: after, endedAfter: after))
            losses.keep()
            for change in changes { losses.note(change) }
        } catch {
            switch error.code {
            case .damaged, .limit, .unsupported: losses.lose(\.unsupported, error.message)
            default: throw error
            }
        }
    }

    /// The response as it is; one that says it comes in chunks and does not is written anew, since
    /// many crawlers hold bodies that way.
    private func answer(
        _ bytes: [UInt8], _ method: String, _ changes: inout Set<String>
    ) throws(AssayError) -> [UInt8] {
        do throws(AssayError) {
            _ = try HTTPMessage(bytes, role: .response(toMethod: method))
            return bytes
        } catch {
            // A head that cannot be read is none that says chunked.
            guard
                let end = ByteSearch.first(Array("\r\n\r\n".utf8), in: bytes, from: 0),
                let head = try? HTTPHead(parsing: bytes[..<(end + 4)]), let status = head.status,
                head.lists("chunked", in: "transfer-encoding")
            else { throw error }
            var writer = HTTPMessageWriter()
            for field in head.fields { writer.add(field.name, field.value) }
            writer.body = Array(bytes[(end + 4)...])
            changes.insert("a response said that it came in chunks and was held without them")
            changes.formUnion(writer.changes)
            let reason = head.startLine.utf8.dropFirst(13)
            return try writer.response(
                status: status, reason: Array(reason), method: Array(method.utf8))
        }
    }
}
