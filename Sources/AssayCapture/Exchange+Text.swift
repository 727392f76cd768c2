import AssayCore

extension Exchange {
    /// The exchange for people, line by line; see `ExchangeText.readable`.
    public var readableLines: [String] {
        var lines = ExchangeText.readable(self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// A command that sends the request again to `url`, the origin of a server; a comment of the
    /// shell for a request that cannot be read. See `ExchangeText.curl`.
    public func curl(url: String) -> String {
        do {
            return try ExchangeText.curl(self, base: url)
        } catch {
            return "# \(error.message)"
        }
    }
}
