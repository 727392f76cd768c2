extension Double {
    /// Writes the number with a fixed count of decimals, independent of the locale.
    ///
    /// Rounds half away from zero on the decimal that the double stands nearest to; numbers too
    /// large for that are written in Swift's own form.
    public func fixed(_ decimals: Int) -> String {
        guard isFinite else { return description }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (magnitude * scale).rounded()
        guard scaled < 9e15 else { return description }
        let whole = String(Int(scaled))
        let sign = self < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + whole }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - whole.utf8.count)) + whole
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }
}
