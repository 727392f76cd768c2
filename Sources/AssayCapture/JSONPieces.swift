import AssayCore
import SystemPackage

/// Reads a large JSON file value by value, in flat memory: the elements of the array that `path`
/// names, or else the values that stand in a row, as in JSON lines, where an outermost array counts
/// as its elements.
struct JSONPieces: ~Copyable {
    private enum Place {
        case start, row, array(isFirst: Bool), over
    }

    private var input: ImportBuffer
    private let path: [String]
    private var place = Place.start
    /// Where the piece that was read last begins in the file.
    private(set) var offset = 0

    init(_ file: FilePath, path: [String] = []) throws(AssayError) {
        input = try ImportBuffer(file)
        self.path = path
    }

    /// Whether nothing more can be read, after the end or after damage that hides what follows.
    var isOver: Bool {
        if case .over = place { return true }
        return false
    }

    /// Hands each value of a file to `body`, and counts those that are lost and why; what was read of
    /// one whose reading failed is passed over where an import may go on.
    static func each(
        in file: FilePath, _ options: ImportOptions,
        _ body: (borrowing JSONTape, inout CaptureLosses) throws(AssayError) -> Void
    ) throws(AssayError) -> CaptureLosses {
        var losses = CaptureLosses()
        var tape = try JSONTape()
        var pieces = try JSONPieces(file)
        while true {
            do throws(AssayError) {
                guard try pieces.next(&tape) else { return losses }
                try body(tape, &losses)
            } catch {
                try losses.pass(error, options)
            }
        }
    }

    /// Reads the next value; false at the end.
    ///
    /// Throws `.damaged` with the byte offset. Reading goes on behind a value that is no JSON: in a
    /// row of values at the next line, in an array at the next element.
    mutating func next(_ tape: inout JSONTape) throws(AssayError) -> Bool {
        switch place {
        case .over: return false
        case .start:
            place = .over
            try skipMark()
            try enter()
            return try next(&tape)
        case .row: return try nextInRow(&tape)
        case .array(let isFirst): return try nextInArray(&tape, isFirst: isFirst)
        }
    }

    private mutating func nextInRow(_ tape: inout JSONTape) throws(AssayError) -> Bool {
        guard try skipSpace() != nil else {
            place = .over
            guard input.failure == nil else { throw input.damaged("cannot be read on") }
            return false
        }
        offset = input.offset
        guard let length = try measure() else {
            let error = input.damaged("is cut short in the JSON value that begins")
            if try !skipLine() { place = .over }
            throw error
        }
        guard length > 0 else {
            let error = input.damaged("holds no JSON value")
            if try !skipLine() { place = .over }
            throw error
        }
        if let refusal = tape.parse(input.ahead.prefix(length)) {
            let error = input.damaged("holds JSON that cannot be read (\(refusal)), in the value")
            if try !skipLine() { place = .over }
            throw error
        }
        input.advance(length)
        return true
    }

    private mutating func nextInArray(
        _ tape: inout JSONTape, isFirst: Bool
    ) throws(AssayError) -> Bool {
        place = .over
        guard var byte = try skipSpace() else { throw input.damaged("is cut short in its array") }
        if byte == UInt8(ascii: "]") {
            input.advance(1)
            try leave()
            return false
        }
        if !isFirst {
            guard byte == UInt8(ascii: ",") else { throw input.damaged("has no comma") }
            input.advance(1)
            guard let next = try skipSpace() else {
                throw input.damaged("is cut short in its array")
            }
            byte = next
        }
        offset = input.offset
        guard let length = try measure(), length > 0 else {
            throw input.damaged("is cut short in the array's element that begins")
        }
        place = .array(isFirst: false)
        defer { input.advance(length) }
        if let refusal = tape.parse(input.ahead.prefix(length)) {
            throw input.damaged("holds JSON that cannot be read (\(refusal)), in the element")
        }
        return true
    }

    /// The length of the value ahead; `nil` if the file ends in it.
    private mutating func measure() throws(AssayError) -> Int? {
        var scan = JSONScan()
        while true {
            if let length = scan.run(input.ahead) { return length }
            guard try input.grow() else { break }
        }
        // A number or literal may be the last thing in a file.
        let last = input.ahead.last ?? 0
        return input.failure == nil && path.isEmpty && isWord(last)
            && isWord(input.ahead.first ?? 0)
            ? input.count : nil
    }

    private func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
    }

    /// Goes down to the array that the path names.
    private mutating func enter() throws(AssayError) {
        if path.isEmpty {
            if try skipSpace() == UInt8(ascii: "[") {
                input.advance(1)
                place = .array(isFirst: true)
            } else {
                place = .row
            }
            return
        }
        for (level, name) in path.enumerated() {
            try expect(UInt8(ascii: "{"))
            while true {
                if try name == self.name() { break }
                try skipValue()
                guard try skipSpace() == UInt8(ascii: ",") else {
                    throw input.damaged("has no \(path.joined(separator: "."))")
                }
                input.advance(1)
            }
            if level == path.count - 1 { try expect(UInt8(ascii: "[")) }
        }
        place = .array(isFirst: true)
    }

    /// Reads what follows the array, up to the end of the file.
    private mutating func leave() throws(AssayError) {
        for _ in path {
            while try skipSpace() == UInt8(ascii: ",") {
                input.advance(1)
                _ = try name()
                try skipValue()
            }
            try expect(UInt8(ascii: "}"))
        }
        guard try skipSpace() == nil else { throw input.damaged("goes on after its end") }
        guard input.failure == nil else { throw input.damaged("cannot be read on") }
    }

    /// A member's name and the colon behind it.
    private mutating func name() throws(AssayError) -> String {
        guard try skipSpace() == UInt8(ascii: "\""), let length = try measure() else {
            throw input.damaged("has no member's name")
        }
        let name = String(
            decoding: input.ahead.prefix(length).dropFirst().dropLast(), as: UTF8.self)
        input.advance(length)
        try expect(UInt8(ascii: ":"))
        return name
    }

    private mutating func skipValue() throws(AssayError) {
        guard try skipSpace() != nil else { throw input.damaged("is cut short") }
        var scan = JSONScan()
        while true {
            if let length = scan.run(input.ahead) { return input.advance(length) }
            input.advance(input.count)
            scan.rewind()
            guard try input.grow() else { throw input.damaged("is cut short") }
        }
    }

    private mutating func expect(_ byte: UInt8) throws(AssayError) {
        guard let found = try skipSpace() else { throw input.damaged("is cut short") }
        guard found == byte else {
            throw input.damaged(
                "has no \(Character(Unicode.Scalar(byte))) where one belongs,")
        }
        input.advance(1)
    }

    /// Passes over a byte order mark.
    private mutating func skipMark() throws(AssayError) {
        if try input.fill(3), input.ahead.starts(with: [0xEF, 0xBB, 0xBF]) { input.advance(3) }
    }

    /// Goes to the next byte that is no white space, and gives it; `nil` at the end of the file.
    private mutating func skipSpace() throws(AssayError) -> UInt8? {
        while true {
            var taken = 0
            for byte in input.ahead {
                // A record separator may stand before each value (RFC 7464).
                guard [0x20, 0x09, 0x0A, 0x0D, 0x1E].contains(byte) else {
                    input.advance(taken)
                    return byte
                }
                taken += 1
            }
            input.advance(taken)
            guard try input.grow() else { return nil }
        }
    }

    /// Goes behind the next line feed; false if there is none.
    private mutating func skipLine() throws(AssayError) -> Bool {
        while true {
            if let feed = input.ahead.firstLineFeed {
                input.advance(feed + 1 - input.start)
                return true
            }
            input.advance(input.count)
            guard try input.grow() else { return false }
        }
    }
}
