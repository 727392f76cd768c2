import AssayCore

/// A line of kept answers: place in the capture, arm, exchange id, the answer and its times, the last
/// two in base64.
struct AnswerLine {
    /// The place in the capture, from 1, as 16 digits; the arm; the exchange's id.
    var place: String, arm: String, exchange: String
    /// The answer and its times, as an answer store has them.
    var row: [UInt8], timing: [UInt8]

    /// The longest line that an answer of so many bytes gives: base64 makes four bytes of three, and
    /// there is room for what was asked of dependencies.
    static func longest(answer bytes: Int) -> Int { bytes / 3 * 4 + 32 << 20 }

    /// The line with its line feed.
    var bytes: [UInt8] {
        var bytes = Array("\(place) \(arm) \(exchange) ".utf8)
        bytes += Base64.encoded(row)
        bytes.append(0x20)
        bytes += Base64.encoded(timing)
        bytes.append(0x0A)
        return bytes
    }

    init(place: String, arm: String, exchange: String, row: [UInt8], timing: [UInt8]) {
        self.place = place
        self.arm = arm
        self.exchange = exchange
        self.row = row
        self.timing = timing
    }

    /// Reads a line; throws `.damaged` for one that is none.
    init(_ line: [UInt8], name: String) throws(AssayError) {
        let parts = line.dropLast().split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].count == 16,
            parts[0].allSatisfy({ (0x30...0x39).contains($0) }),
            let row = Base64.decoded(Array(parts[3])), let timing = Base64.decoded(Array(parts[4]))
        else { throw AssayError(.damaged, "a line of \(name) is no answer") }
        self.init(
            place: String(decoding: parts[0], as: UTF8.self),
            arm: String(decoding: parts[1], as: UTF8.self),
            exchange: String(decoding: parts[2], as: UTF8.self), row: row, timing: timing)
    }
}
