extension Timestamp {
    /// Reads a time of RFC 3339 (`2013-09-01T10:00:00.25+02:00`), in nanoseconds since 1970.
    ///
    /// A space may stand for the `T`; without a zone it is UTC. `nil` for anything else, and for a
    /// time that 64 bits of nanoseconds cannot hold. By the calendar algorithm of Howard Hinnant
    /// (days from civil, public domain).
    static func nanoseconds(_ text: some StringProtocol) -> Int64? {
        var rest = Array(text.utf8)[...]
        func number(_ width: Int) -> Int64? {
            guard rest.count >= width, rest.prefix(width).allSatisfy(isDigit) else { return nil }
            defer { rest = rest.dropFirst(width) }
            return rest.prefix(width).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        func take(_ marks: String) -> Bool {
            guard let first = rest.first, marks.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4), take("-"), let month = number(2), take("-"),
            let day = number(2), take("Tt "), let hour = number(2), take(":"),
            let minute = number(2), (1...12).contains(month), (1...31).contains(day), hour < 24,
            minute < 60
        else { return nil }
        var second: Int64 = 0
        if take(":") {
            guard let value = number(2), value <= 60 else { return nil }
            second = value
        }
        var fraction: Int64 = 0
        if take(".,") {
            let digits = rest.prefix(while: isDigit)
            guard !digits.isEmpty else { return nil }
            for index in 0..<9 {
                let place = digits.startIndex + index
                fraction = fraction * 10
                if place < digits.endIndex { fraction += Int64(digits[place] - 0x30) }
            }
            rest = rest.dropFirst(digits.count)
        }
        var zone: Int64 = 0
        if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            rest = rest.dropFirst()
            guard let hours = number(2) else { return nil }
            _ = take(":")
            zone = hours * 3600 + (number(2) ?? 0) * 60
            if sign == UInt8(ascii: "-") { zone = -zone }
        } else if !rest.isEmpty {
            guard take("Zz") else { return nil }
        }
        guard rest.isEmpty else { return nil }
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - zone
        return nanoseconds(seconds: seconds, fraction)
    }

    /// Reads a time of HTTP and mail (`Sun, 01 Sep 2013 10:00:00 GMT`), in nanoseconds since 1970.
    static func nanoseconds(httpDate text: some StringProtocol) -> Int64? {
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }
        guard words.count >= 5, let day = Int64(words[1]), let year = Int64(words[3]),
            let month = months.firstIndex(of: words[2].lowercased()), (1...31).contains(day),
            (1000...9999).contains(year)
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int64($0) }
        guard time.count == 3, (0..<24).contains(time[0]), (0..<60).contains(time[1]),
            (0...60).contains(time[2])
        else { return nil }
        let seconds =
            days(year, Int64(month) + 1, day) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
        return nanoseconds(seconds: seconds, 0)
    }

    /// Seconds since 1970 with a fraction, as programs write them; `nil` beyond 64 bits.
    static func nanoseconds(_ seconds: Double) -> Int64? {
        guard seconds.isFinite, abs(seconds) < 9_000_000_000 else { return nil }
        // Whole microseconds, which is all that a double of this size holds.
        return Int64((seconds * 1_000_000).rounded()) * 1000
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    private static func nanoseconds(seconds: Int64, _ fraction: Int64) -> Int64? {
        let (whole, isLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isLarger) = whole.addingReportingOverflow(fraction)
        return isLarge || isLarger ? nil : sum
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
