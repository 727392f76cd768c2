public import AssayCore
import AssayStore

extension Capture {
    /// Reads the whole capture and checks that it is what its id says: every blob by its digest, all
    /// records by the digest that the id stands for, every exchange by its id, the index by what it
    /// names, and the counts.
    ///
    /// Throws `.digestMismatch` or `.damaged`, naming what is wrong. Costs two reads of everything, in
    /// the memory of a frame of the segments and one of the index.
    public func verify() throws(AssayError) {
        for blob in [index] + segments { try store.verify(blob.digest) }
        var entries = indexReader()
        var frames = BlobFrames(segments, in: store)
        var records = SHA256Hasher()
        var names = SHA256Hasher()
        var found = 0
        var bytes = 0
        var last = Int64.min
        while let frame = try frames.next() {
            records.update(frame)
            bytes += frame.count
            var decoder = ExchangeDecoder(frame)
            var position = decoder.position
            while let exchange = try decoder.next() {
                try check(exchange, after: last)
                guard let entry = try entries.next(), entry.tells(exchange),
                    entry.record == position, entry.segment == frames.place.segment,
                    entry.offset == frames.place.offset, entry.length == frames.place.length
                else { throw wrongIndex(about: exchange.id) }
                position = decoder.position
                names.update(Array("\(exchange.id)\n".utf8))
                last = exchange.startedAt
                found += 1
            }
        }
        guard found == summary.exchanges, try entries.next() == nil, names.finish() == summary.ids
        else {
            throw AssayError(
                .damaged,
                "capture \(id.short) holds \(found) exchanges, and says it holds "
                    + "\(summary.exchanges) others")
        }
        guard records.finish() == summary.content, bytes == summary.bytes else {
            throw AssayError(
                .digestMismatch,
                "capture \(id.short) has other bytes in its exchanges than its id says",
                hint: "import or record the traffic again, or pull it from where it is whole")
        }
    }

    private func check(_ exchange: Exchange, after last: Int64) throws(AssayError) {
        let derived = Exchange.deriveID(
            request: exchange.request, response: exchange.response, startedAt: exchange.startedAt)
        guard exchange.derivedID == derived else {
            throw AssayError(
                .damaged,
                "exchange \(exchange.id) of capture \(id.short) has other bytes than its id says")
        }
        guard exchange.startedAt >= last else {
            throw AssayError(
                .damaged, "exchange \(exchange.id) of capture \(id.short) is out of order")
        }
    }
}

extension CaptureIndex.Entry {
    /// Whether it says of an exchange what the exchange says of itself.
    fileprivate func tells(_ exchange: Exchange) -> Bool {
        id == exchange.id && startedAt == exchange.startedAt && session == exchange.session
            && route == exchange.route
    }
}
