public import AssayCore
import AssayStore

extension Capture {
    /// Reads the whole capture and checks that it is what its id says: every blob by its digest, every
    /// exchange by its id, the index by what it names, and the counts.
    ///
    /// Throws `.digestMismatch` or `.damaged`, naming what is wrong. Costs a read of everything.
    public func verify() throws(AssayError) {
        for segment in segments { try store.verify(segment) }
        var entries = try readIndex().entries[...]
        var names = SHA256Hasher()
        var found = 0
        var last = Int64.min
        var reader = try reader()
        while let exchange = try reader.next() {
            let derived = Exchange.deriveID(
                request: exchange.request, response: exchange.response,
                startedAt: exchange.startedAt)
            guard exchange.derivedID == derived else {
                throw AssayError(
                    .damaged,
                    "exchange \(exchange.id) of capture \(id.short) has other bytes than "
                        + "its id says")
            }
            guard exchange.startedAt >= last else {
                throw AssayError(
                    .damaged, "exchange \(exchange.id) of capture \(id.short) is out of order")
            }
            guard let entry = entries.popFirst(), entry.id == exchange.id,
                entry.startedAt == exchange.startedAt, entry.session == exchange.session,
                entry.route == exchange.route
            else {
                throw AssayError(
                    .damaged,
                    "the index of capture \(id.short) is wrong about exchange "
                        + "\(exchange.id)")
            }
            names.update(Array("\(exchange.id)\n".utf8))
            last = exchange.startedAt
            found += 1
        }
        guard found == summary.exchanges, entries.isEmpty, names.finish() == summary.ids else {
            throw AssayError(
                .damaged,
                "capture \(id.short) holds \(found) exchanges, and says it holds "
                    + "\(summary.exchanges) others")
        }
    }
}
