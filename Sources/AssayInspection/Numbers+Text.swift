import AssayCore
import Glibc

extension Int {
    /// The digits in groups of three, as `1,234,567`.
    var grouped: String {
        let digits = Array(String(magnitude))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return self < 0 ? "-" + text : text
    }
}

extension Double {
    /// About four digits, for people.
    var brief: String {
        guard isFinite else { return "\(self)" }
        if self == rounded(), magnitude < 1e6 { return String(Int(self)) }
        guard magnitude >= 1e-3, magnitude < 1e7 else {
            var exponent = self == 0 ? 0 : Int(floor(log10(magnitude)))
            var mantissa = self / pow(10, Double(exponent))
            if mantissa.magnitude >= 9.9995 {
                mantissa /= 10
                exponent += 1
            }
            return "\(mantissa.fixed(3))e\(exponent)"
        }
        let whole = Int(floor(log10(magnitude))) + 1
        return fixed(Swift.max(0, Swift.min(6, 4 - whole)))
    }
}
