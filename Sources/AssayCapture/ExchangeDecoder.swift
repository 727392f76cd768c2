import AssayCore

/// Reads the exchanges that lie in the WARC records of a frame.
struct ExchangeDecoder {
    private var scanner: WARCScanner

    /// Starts at a record that begins an exchange.
    init(_ bytes: [UInt8], at position: Int = 0) {
        scanner = WARCScanner(bytes, at: position)
    }

    /// Where the next exchange starts.
    var position: Int { scanner.position }

    /// Where the parts of an exchange lie.
    private struct Parts {
        var request: Range<Int>
        var response: Range<Int>?
        var calls: [(name: String, request: Range<Int>, response: Range<Int>?)] = []
        var metadata: Range<Int>
    }

    /// The block of a leading `warcinfo` record, if there is one.
    mutating func info() throws(AssayError) -> [UInt8]? {
        var probe = scanner
        guard let record = try probe.next(), record.kind == .info else { return nil }
        scanner = probe
        return Array(scanner.bytes[record.block])
    }

    /// The next exchange; `nil` at the end. Throws `.damaged` for records that are none.
    mutating func next() throws(AssayError) -> Exchange? {
        guard let parts = try parts() else { return nil }
        let metadata = try MetadataReader.read(scanner.bytes, parts.metadata)
        guard metadata.calls.count == parts.calls.count else {
            throw WARCScanner.damaged("its metadata has not the times of every egress call")
        }
        var exchange = Exchange(
            id: metadata.id, request: Array(scanner.bytes[parts.request]),
            response: parts.response.map { Array(scanner.bytes[$0]) } ?? [],
            startedAt: metadata.startedAt, firstByteAfter: metadata.firstByteAfter,
            endedAfter: metadata.endedAfter)
        exchange.session = metadata.session
        exchange.trace = metadata.trace
        exchange.key = metadata.key
        exchange.route = metadata.route
        exchange.slices = metadata.slices
        exchange.label = metadata.label
        exchange.bundle = metadata.bundle
        exchange.redacted = metadata.redacted
        for (call, times) in zip(parts.calls, metadata.calls) {
            exchange.egress.append(
                EgressCall(
                    name: call.name, request: Array(scanner.bytes[call.request]),
                    response: call.response.map { Array(scanner.bytes[$0]) } ?? [],
                    startedAfter: times.startedAfter, endedAfter: times.endedAfter))
        }
        return exchange
    }

    /// The metadata of the next exchange, without its bytes; `nil` at the end.
    mutating func nextMetadata() throws(AssayError) -> MetadataReader? {
        guard let parts = try parts() else { return nil }
        return try MetadataReader.read(scanner.bytes, parts.metadata)
    }

    private mutating func parts() throws(AssayError) -> Parts? {
        guard let request = try scanner.next() else { return nil }
        guard request.kind == .request, request.egress == nil else {
            throw WARCScanner.damaged("it does not begin an exchange")
        }
        var response: Range<Int>?
        var calls: [(name: String, request: Range<Int>, response: Range<Int>?)] = []
        while let record = try scanner.next() {
            switch (record.kind, record.egress) {
            case (.metadata, _):
                return Parts(
                    request: request.block, response: response, calls: calls,
                    metadata: record.block)
            case (.response, nil) where response == nil && calls.isEmpty:
                response = record.block
            case (.request, let name?):
                guard let name = WARCWriter.decodedName(scanner.bytes[name]) else {
                    throw WARCScanner.damaged("the name of its dependency is not one")
                }
                calls.append((name, record.block, nil))
            case (.response, .some):
                guard let last = calls.indices.last, calls[last].response == nil else {
                    throw WARCScanner.damaged("it answers no call")
                }
                calls[last].response = record.block
            default: throw WARCScanner.damaged("it stands where it may not")
            }
        }
        throw WARCScanner.damaged("an exchange has no metadata record")
    }
}
