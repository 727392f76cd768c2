public import AssayCore

/// What an import or recording read, kept and lost, and why. The sums hold.
public struct CaptureLosses: Hashable, Sendable {
    /// Exchanges seen at all; those kept whole.
    public var seen = 0, whole = 0
    /// Those that were cut short, of a kind this version cannot hold, or left out by a rule.
    public var truncated = 0, unsupported = 0, skipped = 0
    /// Sentences of why, with their counts.
    public var reasons: [String: Int] = [:]
    /// What was kept otherwise than it passed, or could not be known, with the counts of exchanges.
    public var notes: [String: Int] = [:]

    /// Nothing seen yet.
    public init() {}

    /// Counts one that was kept.
    public mutating func keep() {
        seen += 1
        whole += 1
    }

    /// Counts one that was lost in the way that `kind` names.
    public mutating func lose(_ kind: WritableKeyPath<CaptureLosses, Int>, _ reason: String) {
        seen += 1
        self[keyPath: kind] += 1
        reasons[reason, default: 0] += 1
    }

    /// Counts one whose reading failed, where an import may go on: what is not supported, and what is
    /// damaged with `salvage`. Throws any other error on.
    mutating func pass(_ error: AssayError, _ options: ImportOptions) throws(AssayError) {
        switch error.code {
        case .unsupported: lose(\.unsupported, error.message)
        case .damaged where options.salvage: lose(\.truncated, error.message)
        default: throw error
        }
    }

    /// Counts one that was kept with a change, or without something that the format does not hold.
    public mutating func note(_ sentence: String) {
        notes[sentence, default: 0] += 1
    }

    /// Counts several that a rule left out.
    public mutating func skip(_ count: Int, _ reason: String) {
        lose(\.skipped, reason, count: count)
    }

    /// Takes exchanges that were kept out of the count, because another capture holds them.
    public mutating func forget(kept count: Int) {
        let taken = min(count, whole)
        seen -= taken
        whole -= taken
    }

    /// Counts what became of exchanges later that are counted as whole here.
    public mutating func revise(_ later: CaptureLosses) {
        forget(kept: later.seen)
        add(later)
    }

    /// Counts the losses of another part of the same import.
    public mutating func add(_ other: CaptureLosses) {
        seen += other.seen
        whole += other.whole
        truncated += other.truncated
        unsupported += other.unsupported
        skipped += other.skipped
        reasons.merge(other.reasons) { $0 + $1 }
        notes.merge(other.notes) { $0 + $1 }
    }

    /// Counts several that were lost in the way that `kind` names.
    mutating func lose(
        _ kind: WritableKeyPath<CaptureLosses, Int>, _ reason: String, count: Int
    ) {
        guard count > 0 else { return }
        seen += count
        self[keyPath: kind] += count
        reasons[reason, default: 0] += count
    }

    /// Makes the count of whole exchanges that of those which are there: more were found than were
    /// counted, or the last were lost with the frame that held them.
    mutating func settle(on found: Int) {
        if found < whole {
            let lost = whole - found
            whole = found
            truncated += lost
            reasons["lost before it was on disk", default: 0] += lost
        } else {
            seen += found - whole
            whole = found
        }
    }

    /// Whether seen = whole + truncated + unsupported + skipped.
    public var isBalanced: Bool { seen == whole + truncated + unsupported + skipped }

    /// The sum in words, as `seen 3 = whole 2 + …`.
    public var sum: String {
        "seen \(seen) = whole \(whole) + truncated \(truncated) + unsupported \(unsupported) "
            + "+ skipped \(skipped)"
    }

    /// Why exchanges were lost, each reason behind its count, in the order of their letters.
    public var counted: [String] {
        reasons.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
    }

    /// The counts as JSON.
    public var document: JSONValue {
        .object(present: [
            "seen": JSONValue(seen), "whole": JSONValue(whole), "truncated": JSONValue(truncated),
            "unsupported": JSONValue(unsupported), "skipped": JSONValue(skipped),
            "reasons": .object(reasons.mapValues { JSONValue($0) }),
            "notes": notes.isEmpty ? nil : .object(notes.mapValues { JSONValue($0) }),
        ])
    }

    /// Reads counts that `document` gave. Throws `.invalidDocument` for anything else, among it counts
    /// that do not add up.
    public init(_ reader: JSONReader) throws(AssayError) {
        seen = try reader["seen"].count()
        whole = try reader["whole"].count()
        truncated = try reader["truncated"].count()
        unsupported = try reader["unsupported"].count()
        skipped = try reader["skipped"].count()
        for (reason, count) in try reader["reasons"].members() {
            reasons[reason] = try count.count()
        }
        if reader["notes"].isPresent {
            for (note, count) in try reader["notes"].members() { notes[note] = try count.count() }
        }
        guard isBalanced else {
            throw AssayError(.invalidDocument, "the counts of exchanges do not add up: \(sum)")
        }
    }
}

extension JSONReader {
    /// How many there are of something: never below zero, and small enough that sums of many hold.
    func count() throws(AssayError) -> Int {
        let number = try integer()
        guard (0...1 << 48).contains(number) else {
            throw AssayError(
                .invalidDocument, "a capture's summary has a count that is none: \(number)")
        }
        return number
    }
}
