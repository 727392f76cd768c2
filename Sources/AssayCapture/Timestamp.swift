/// Times as text: `2013-09-01T10:00:00.000000000Z`, always UTC and nine decimals.
enum Timestamp {
    /// Writes nanoseconds since 1970, by the calendar algorithm of Howard Hinnant
    /// (days from civil, public domain).
    static func text(_ nanoseconds: Int64) -> String {
        let billion: Int64 = 1_000_000_000
        var seconds = nanoseconds / billion
        var fraction = nanoseconds % billion
        if fraction < 0 {
            fraction += billion
            seconds -= 1
        }
        var days = seconds / 86_400
        var rest = seconds % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        func add(_ value: Int64, _ width: Int, _ mark: UInt8) {
            var rest = value
            var digits: [UInt8] = []
            repeat {
                digits.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
                rest /= 10
            } while rest > 0 || digits.count < width
            bytes += digits.reversed()
            bytes.append(mark)
        }
        add(year, 4, UInt8(ascii: "-"))
        add(month, 2, UInt8(ascii: "-"))
        add(day, 2, UInt8(ascii: "T"))
        add(rest / 3600, 2, UInt8(ascii: ":"))
        add(rest / 60 % 60, 2, UInt8(ascii: ":"))
        add(rest % 60, 2, UInt8(ascii: "."))
        add(fraction, 9, UInt8(ascii: "Z"))
        return String(decoding: bytes, as: UTF8.self)
    }
}
