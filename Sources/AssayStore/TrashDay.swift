import Glibc

/// The directory of the trash that a day's collection fills: `2026-01-31`, in UTC.
struct TrashDay: Hashable {
    /// Days since 1970-01-01.
    let number: Int

    init(seconds: Int64) {
        number = Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
    }

    /// Reads the name of a directory; `nil` if it is not a day.
    init?(name: some StringProtocol) {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, name.utf8.count == 10, let year = Int32(parts[0]),
            let month = Int32(parts[1]), let day = Int32(parts[2])
        else { return nil }
        var time = tm()
        time.tm_year = year - 1900
        time.tm_mon = month - 1
        time.tm_mday = day
        self.init(seconds: Int64(unsafe timegm(&time)))
        guard self.name == name else { return nil }
    }

    var name: String {
        var time = time_t(number * 86_400)
        var parts = tm()
        unsafe gmtime_r(&time, &parts)
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    }
}
