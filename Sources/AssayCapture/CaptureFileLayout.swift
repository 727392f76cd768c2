import AssayCore
import SystemPackage

/// The two layouts that a capture file can have, told by its first record.
enum CaptureFileLayout {
    /// A `warcinfo` record with the summary stands first; its `schema` is the version.
    case described(CaptureSummary)
    /// Exchanges from the start: a journal, or a file from before there was a summary.
    case bare

    /// Reads the record that tells, if it is not an exchange's.
    ///
    /// Throws `.unsupported` for a summary of another version and for a file that another program
    /// wrote.
    init(of decoder: inout ExchangeDecoder, path: FilePath) throws(AssayError) {
        guard let info = try decoder.info() else {
            self = .bare
            return
        }
        let document: JSONValue
        do throws(AssayError) {
            document = try JSONParser.parse(info, file: path.string)
        } catch {
            throw AssayError(
                .unsupported,
                "\(path) is a WARC file that another program wrote: its warcinfo is not the summary of a capture",
                hint: "import a file that `assay capture export` wrote", cause: error)
        }
        self = .described(
            try CaptureSummary(
                JSONReader(document, document: "the summary in \(path)"),
                name: "the summary in \(path)"))
    }
}
