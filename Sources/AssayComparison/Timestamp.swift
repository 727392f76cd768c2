/// A date and time on a scale of seconds and nanoseconds, as RFC 3339 writes it, as ISO 8601 does
/// without an offset, or as HTTP does.
struct Timestamp: Equatable {
    /// How a time is written.
    enum Form {
        /// With its offset from UTC (RFC 3339).
        case offset
        /// With none, as Python's `isoformat` writes a time without a zone: near another of these alone.
        case local
        /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
        case http
    }

    /// How it was written.
    let form: Form
    /// Seconds since 1970 without leap seconds, and nanoseconds beyond.
    let seconds: Int64, nanoseconds: Int64

    /// Reads `2013-10-07T16:19:00.25Z` and what goes by another `Form`; a space may stand for `T`, and an
    /// offset may be `+02:00`, `+0200` or `+02`. `nil` for anything else, also a day that its month does
    /// not have, or another day of the week.
    /// Digits beyond nanoseconds are dropped; second 60 is taken as the first of the next minute.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        guard text.count >= 19, text.count <= 64 else { return nil }
        var scan = unsafe TimeScan(text)
        let time: (form: Form, seconds: Int64, nanoseconds: Int64)?
        if unsafe (0x30...0x39).contains(text[0]) {
            time = unsafe scan.internetTime()
        } else {
            time = unsafe scan.webTime().map { (.http, $0, 0) }
        }
        guard let time, unsafe scan.isAtEnd else { return nil }
        (form, seconds, nanoseconds) = time
    }

    /// How many nanoseconds lie between two times; `nil` if one says its offset and the other does not.
    func distance(to other: Timestamp) -> UInt64? {
        guard (form == .local) == (other.form == .local) else { return nil }
        let distance =
            Int128(other.seconds - seconds) * 1_000_000_000
            + Int128(other.nanoseconds - nanoseconds)
        return UInt64(clamping: distance.magnitude)
    }
}

/// A way through the text of a time.
@unsafe private struct TimeScan {
    private let text: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(_ text: UnsafeBufferPointer<UInt8>) { unsafe self.text = text }

    var isAtEnd: Bool { unsafe index == text.count }

    /// `2013-10-07T16:19:00.25Z`.
    mutating func internetTime() -> (form: Timestamp.Form, seconds: Int64, nanoseconds: Int64)? {
        guard let year = unsafe number(4), unsafe mark("-"), let month = unsafe number(2),
            unsafe mark("-"), let day = unsafe number(2), unsafe mark("Tt "),
            let days = Self.days(year, month, day), let time = unsafe timeOfDay()
        else { return nil }
        let seconds = days * 86_400 + time
        guard let fraction = unsafe fraction() else { return nil }
        if unsafe isAtEnd { return (.local, seconds, fraction) }
        if unsafe mark("Zz") { return (.offset, seconds, fraction) }
        return unsafe offset().map { (.offset, seconds - $0, fraction) }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    mutating func webTime() -> Int64? {
        guard let weekday = unsafe word(of: Self.weekdays), unsafe mark(","), unsafe mark(" "),
            let day = unsafe number(2), unsafe mark(" "), let month = unsafe word(of: Self.months),
            unsafe mark(" "), let year = unsafe number(4), unsafe mark(" "),
            let days = Self.days(year, Int64(month) + 1, day), let time = unsafe timeOfDay(),
            unsafe mark(" "), unsafe word(of: ["GMT"]) != nil,
            // 1970-01-01 was a Thursday.
            (days + 4 + 7_000_000) % 7 == Int64(weekday)
        else { return nil }
        return days * 86_400 + time
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// So many digits.
    private mutating func number(_ count: Int) -> Int64? {
        guard unsafe index + count <= text.count else { return nil }
        var value: Int64 = 0
        for place in unsafe index..<(index + count) {
            guard unsafe (0x30...0x39).contains(text[place]) else { return nil }
            value = unsafe value * 10 + Int64(text[place] - 0x30)
        }
        unsafe index += count
        return value
    }

    /// One of these letters.
    private mutating func mark(_ marks: String) -> Bool {
        guard unsafe index < text.count, unsafe marks.utf8.contains(text[index]) else {
            return false
        }
        unsafe index += 1
        return true
    }

    /// Which of these words of three letters stands here.
    private mutating func word(of words: [String]) -> Int? {
        guard unsafe index + 3 <= text.count else { return nil }
        let found = words.firstIndex { word in
            unsafe word.utf8.elementsEqual(text[index..<(index + 3)])
        }
        if found != nil { unsafe index += 3 }
        return found
    }

    /// `16:19:00`, in seconds.
    private mutating func timeOfDay() -> Int64? {
        guard let hour = unsafe number(2), unsafe mark(":"), let minute = unsafe number(2),
            unsafe mark(":"), let second = unsafe number(2), hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    /// `.25`, in nanoseconds; zero where none stands.
    private mutating func fraction() -> Int64? {
        guard unsafe mark(".") else { return 0 }
        let start = unsafe index
        var (fraction, scale): (Int64, Int64) = (0, 100_000_000)
        while let digit = unsafe number(1) {
            fraction += digit * scale
            scale /= 10
        }
        return unsafe index > start ? fraction : nil
    }

    /// `+02:00`, `+0200` or `+02`, in seconds.
    private mutating func offset() -> Int64? {
        let isWest = unsafe index < text.count && text[index] == UInt8(ascii: "-")
        guard unsafe mark("+-"), let hours = unsafe number(2), hours < 24 else { return nil }
        var minutes: Int64 = 0
        if unsafe !isAtEnd {
            _ = unsafe mark(":")
            guard let number = unsafe number(2), number < 60 else { return nil }
            minutes = number
        }
        return (hours * 60 + minutes) * (isWest ? -60 : 60)
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
    /// chrono-compatible low-level date algorithms, `days_from_civil`); `nil` for no such day.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        guard (1...12).contains(month), (1...length(ofMonth: month, year)).contains(day) else {
            return nil
        }
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
