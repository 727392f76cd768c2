public import AssayCore

extension Exchange {
    /// The exchange for people, line by line; see `ExchangeText.readable`.
    public var readableLines: [String] {
        var lines = ExchangeText.readable(self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// The exchange as a line of the JSON lines that `export` writes, with its line break.
    public func jsonLine() throws(AssayError) -> [UInt8] {
        var export = JSONLinesExport()
        var report = CaptureExport()
        return try export.text(of: self, &report)
    }

    /// A command that sends the request again to `url`, the origin of a server, else to the host that
    /// it was sent to; a comment of the shell for a request that cannot be read. See
    /// `ExchangeText.curl`.
    public func curl(url: String? = nil) -> String {
        do {
            return try ExchangeText.curl(self, base: url)
        } catch {
            return "# \(error.message)"
        }
    }
}
