import AssayCore
import AssaySystem

/// Compares two files of tensors: which there are, and by how much those of one name moved.
struct TensorComparison {
    private let old: TensorFile
    private let new: TensorFile

    /// How one tensor moved.
    private struct Move {
        let name: String
        let old: TensorFile.Tensor, new: TensorFile.Tensor
        /// `nil` where the values cannot be read, or are of other shapes.
        let size: Size?

        struct Size {
            var oldSquares = 0.0, newSquares = 0.0, squares = 0.0
            var largest = 0.0
            var changed = 0
            /// The norm of the difference as a share of the old norm.
            var relative: Double {
                oldSquares > 0 ? (squares / oldSquares).squareRoot() : squares > 0 ? .infinity : 0
            }
        }
    }

    static func difference(
        _ old: TensorFile, _ new: TensorFile
    ) throws(AssayError) -> ContentDifference {
        try TensorComparison(old: old, new: new).difference()
    }

    private func difference() throws(AssayError) -> ContentDifference {
        let added = new.tensors.keys.filter { old.tensors[$0] == nil }.sorted()
        let removed = old.tensors.keys.filter { new.tensors[$0] == nil }.sorted()
        var moves: [Move] = []
        var shared = 0
        for (name, before) in old.tensors.sorted(by: { $0.key < $1.key }) {
            guard let after = new.tensors[name] else { continue }
            shared += 1
            if let move = try move(name, before, after) { moves.append(move) }
        }
        moves.sort { left, right in
            let (a, b) = (left.size?.relative ?? .infinity, right.size?.relative ?? .infinity)
            return (b, left.name) < (a, right.name)
        }
        let facts = FactChanges(old.facts, new.facts)
        var lines = moves.map(Self.line)
        lines += added.compactMap { name in
            new.tensors[name].map { "tensor \(name): added, \($0.description)" }
        }
        lines += removed.compactMap { name in
            old.tensors[name].map { "tensor \(name): removed, was \($0.description)" }
        }
        lines += facts.lines
        return ContentDifference(
            kind: .tensors,
            headline: headline(added.count, removed.count, shared, moves, facts.lines.count),
            lines: lines,
            document: [
                "format": JSONValue(new.format), "tensors": JSONValue(new.tensors.count),
                "added": JSONValue(added), "removed": JSONValue(removed),
                "equal": JSONValue(shared - moves.count), "moved": .array(moves.map(Self.document)),
                "settings": facts.document,
            ])
    }

    private func headline(
        _ added: Int, _ removed: Int, _ shared: Int, _ moves: [Move], _ facts: Int
    ) -> String {
        var parts = ["\(new.format), \(new.tensors.count.grouped) tensors"]
        if added > 0 { parts.append("\(added.grouped) added") }
        if removed > 0 { parts.append("\(removed.grouped) removed") }
        let reshaped = moves.count { $0.old.shape != $0.new.shape }
        let retyped = moves.count { $0.old.typeName != $0.new.typeName }
        if reshaped > 0 { parts.append("\(reshaped.grouped) reshaped") }
        if retyped > 0 { parts.append("\(retyped.grouped) retyped") }
        let sizes = moves.compactMap(\.size)
        if !sizes.isEmpty {
            let squares = sizes.reduce(0) { $0 + $1.squares }
            let total = sizes.reduce(0) { $0 + $1.oldSquares }
            let share = total > 0 ? (squares / total).squareRoot() : 0
            parts.append(
                "\(sizes.count.grouped) moved, together by \((share * 100).brief) % of their norm")
        }
        parts.append("\((shared - moves.count).grouped) equal")
        if facts > 0 { parts.append("\(facts) \(facts == 1 ? "setting" : "settings") changed") }
        return parts.joined(separator: ", ")
    }

    private static func line(_ move: Move) -> String {
        let types =
            move.old.description == move.new.description
            ? move.new.description : "\(move.old.description) → \(move.new.description)"
        guard let size = move.size else {
            if move.old.shape != move.new.shape { return "tensor \(move.name): \(types)" }
            return "tensor \(move.name): \(types), other bytes; its values are not read here"
        }
        if size.changed == 0 { return "tensor \(move.name): \(types), every value equal" }
        return
            "tensor \(move.name): \(types), moved by \((size.relative * 100).brief) % of its norm "
            + "(\(size.oldSquares.squareRoot().brief) → \(size.newSquares.squareRoot().brief)), "
            + "at most \(size.largest.brief), \(size.changed.grouped) of \(move.new.elements.grouped) values"
    }

    private static func document(_ move: Move) -> JSONValue {
        .object(present: [
            "name": JSONValue(move.name), "old": JSONValue(move.old.description),
            "new": JSONValue(move.new.description),
            "relative": move.size.map { .double($0.relative) },
            "old_norm": move.size.map { .double($0.oldSquares.squareRoot()) },
            "new_norm": move.size.map { .double($0.newSquares.squareRoot()) },
            "largest_step": move.size.map { .double($0.largest) },
            "changed_values": move.size.map { JSONValue($0.changed) },
        ])
    }

    /// How a tensor moved; `nil` if it is the same, byte for byte.
    private func move(
        _ name: String, _ before: TensorFile.Tensor, _ after: TensorFile.Tensor
    ) throws(AssayError) -> Move? {
        let isAlike = before.shape == after.shape && before.typeName == after.typeName
        if isAlike, try haveSameBytes(before, after) { return nil }
        guard before.shape == after.shape, let oldType = before.type, let newType = after.type,
            let oldPlace = before.place, let newPlace = after.place
        else { return Move(name: name, old: before, new: after, size: nil) }
        let oldFile = try OpenFile.reading(old.path)
        let newFile = try OpenFile.reading(new.path)
        var size = Move.Size()
        let step = 1 << 17
        var done = 0
        while done < before.elements {
            let count = min(step, before.elements - done)
            let a = try values(oldFile, oldPlace, oldType, from: done, count: count)
            let b = try values(newFile, newPlace, newType, from: done, count: count)
            for index in 0..<count { Self.add(a[index], b[index], to: &size) }
            done += count
        }
        return Move(name: name, old: before, new: after, size: size)
    }

    private static func add(_ old: Double, _ new: Double, to size: inout Move.Size) {
        if old.isFinite { size.oldSquares += old * old }
        if new.isFinite { size.newSquares += new * new }
        if old == new || (old.isNaN && new.isNaN) { return }
        size.changed += 1
        let step = abs(new - old)
        guard step.isFinite else {
            size.largest = .infinity
            return
        }
        size.squares += step * step
        size.largest = max(size.largest, step)
    }

    /// Elements of a tensor, from a place that begins a block.
    private func values(
        _ file: borrowing OpenFile, _ place: Range<Int>, _ type: ElementType, from start: Int,
        count: Int
    ) throws(AssayError) -> [Double] {
        let block = type.block
        let offset = place.lowerBound + start / block.elements * block.bytes
        let blocks = (count + block.elements - 1) / block.elements
        let bytes = try file.read(count: blocks * block.bytes, at: offset)
        var values: [Double] = []
        values.reserveCapacity(blocks * block.elements)
        unsafe bytes.withUnsafeBytes { unsafe type.decode($0, into: &values) }
        return values
    }

    private func haveSameBytes(
        _ before: TensorFile.Tensor, _ after: TensorFile.Tensor
    ) throws(AssayError) -> Bool {
        guard let a = before.place, let b = after.place else { return before.place == after.place }
        guard a.count == b.count else { return false }
        let oldFile = try OpenFile.reading(old.path)
        let newFile = try OpenFile.reading(new.path)
        var done = 0
        while done < a.count {
            let count = min(1 << 20, a.count - done)
            let left = try oldFile.read(count: count, at: a.lowerBound + done)
            let right = try newFile.read(count: count, at: b.lowerBound + done)
            if left != right { return false }
            done += count
        }
        return true
    }
}
