/// A date and time with its offset, as RFC 3339 writes it, on a scale of seconds and nanoseconds.
struct Timestamp: Equatable {
    /// Seconds since 1970 without leap seconds, and nanoseconds beyond.
    let seconds: Int64, nanoseconds: Int64

    /// Reads `2013-10-07T16:19:00.25Z`; a space may stand for `T`. `nil` for anything else,
    /// also a day that its month does not have.
    /// Digits beyond nanoseconds are dropped; second 60 is taken as the first of the next minute.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        guard text.count >= 20, text.count <= 64 else { return nil }
        func number(_ start: Int, _ count: Int) -> Int64? {
            var value: Int64 = 0
            for index in start..<(start + count) {
                guard index < text.count, unsafe (0x30...0x39).contains(text[index]) else {
                    return nil
                }
                value = unsafe value * 10 + Int64(text[index] - 0x30)
            }
            return value
        }
        func mark(_ index: Int, _ marks: String) -> Bool {
            unsafe index < text.count && marks.utf8.contains(text[index])
        }
        guard let year = number(0, 4), mark(4, "-"), let month = number(5, 2), mark(7, "-"),
            let day = number(8, 2), mark(10, "Tt "), let hour = number(11, 2), mark(13, ":"),
            let minute = number(14, 2), mark(16, ":"), let second = number(17, 2),
            (1...12).contains(month), (1...Self.length(ofMonth: month, year)).contains(day),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        var index = 19
        var fraction: Int64 = 0
        if mark(index, ".") {
            index += 1
            let start = index
            var scale: Int64 = 100_000_000
            while index < text.count, unsafe (0x30...0x39).contains(text[index]) {
                fraction = unsafe fraction + Int64(text[index] - 0x30) * scale
                scale /= 10
                index += 1
            }
            guard index > start else { return nil }
        }
        var offset: Int64 = 0
        if mark(index, "Zz") {
            index += 1
        } else {
            guard mark(index, "+-"), let hours = number(index + 1, 2), mark(index + 3, ":"),
                let minutes = number(index + 4, 2), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (mark(index, "-") ? -60 : 60)
            index += 6
        }
        guard index == text.count else { return nil }
        let time = Self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
        seconds = time - offset
        nanoseconds = fraction
    }

    /// How many nanoseconds lie between two times.
    func distance(to other: Timestamp) -> UInt64 {
        let (seconds, carry) = (other.seconds - seconds).multipliedReportingOverflow(
            by: 1_000_000_000)
        if carry { return .max }
        return (seconds + other.nanoseconds - nanoseconds).magnitude
    }

    /// How many days a month of the Gregorian calendar has.
    private static func length(ofMonth month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the Gregorian calendar, by counting years from March on (Hinnant,
    /// chrono-compatible low-level date algorithms, `days_from_civil`).
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
