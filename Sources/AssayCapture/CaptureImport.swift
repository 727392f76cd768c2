public import AssayCore
public import SystemPackage

/// A format that captures are imported from.
public enum CaptureFormat: String, CaseIterable, Hashable, Sendable {
    /// A file that `capture export` wrote, or a journal of the recorder.
    case capture = "warc.zst"
    /// GoReplay, packed with gzip or not.
    case gor
}

/// Reads files of any format that this version knows.
public enum CaptureImport {
    /// Copies the exchanges of a file into a journal, and counts what is lost and why.
    ///
    /// Without a `format` the content decides. `keepsUnanswered` keeps requests without a response,
    /// where a format can have such. Throws `.unsupported` for a content that no format
    /// begins with, and what the format's own reader throws.
    public static func read(
        _ path: FilePath, format: CaptureFormat? = nil, into journal: inout CaptureJournal,
        salvage: Bool = false, keepsUnanswered: Bool = false
    ) throws(AssayError) -> CaptureLosses {
        let known = if let format { format } else { try sniff(path) }
        return switch known {
        case .capture: try CaptureFileImport.read(path, into: &journal, salvage: salvage)
        case .gor:
            try GorImport.read(
                path, into: &journal, salvage: salvage, keepsUnanswered: keepsUnanswered)
        }
    }

    /// The format that a file's content shows.
    public static func sniff(_ path: FilePath) throws(AssayError) -> CaptureFormat {
        var input = try ImportStream(path)
        var start: [UInt8] = []
        _ = try input.read(into: &start)
        if start.starts(with: ZstdFrame.magic) { return .capture }
        if GorMeta(start, at: 0) != nil { return .gor }
        let known = CaptureFormat.allCases.map(\.rawValue).joined(separator: ", ")
        throw AssayError(
            .unsupported, "\(path) begins like no format that can be imported",
            hint: "name the format with --format: \(known)")
    }
}
