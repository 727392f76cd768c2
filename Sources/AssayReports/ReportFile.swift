/// How a file that a report was written to is told from others.
public enum ReportFile {
    /// A comment that stands in the first lines of each HTML and XML file of ours.
    public static let mark = "<!-- made by assay -->"

    /// Whether the first bytes of a file are those of a report.
    public static func isOurs(_ start: some Sequence<UInt8>) -> Bool {
        String(decoding: Array(start.prefix(120)), as: UTF8.self).contains(mark)
    }
}
