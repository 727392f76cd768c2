public import AssayCore
public import SystemPackage

/// Reads files of any format that this version knows.
public enum CaptureImport {
    /// Hands the exchanges of a file to `sink`, and counts what is lost and why.
    ///
    /// Without a `format` the content decides. Throws `.unsupported` for a content that no format
    /// begins with, naming those that were tried; `.damaged` with the byte offset for a file that is
    /// hurt or cut short, unless the options say `salvage`.
    public static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, format: CaptureFormat? = nil, into sink: inout Sink,
        options: ImportOptions
    ) throws(AssayError) -> CaptureLosses {
        let known = if let format { format } else { try sniff(path) }
        return switch known {
        case .capture:
            try CaptureFileImport.read(path, into: &sink, salvage: options.salvage)
        case .warc: try WARCImport.read(path, options, into: &sink)
        case .jsonl: try JSONLinesImport.read(path, options, into: &sink)
        case .gor:
            try GorImport.read(
                path, into: &sink, salvage: options.salvage,
                keepsUnanswered: options.keepsUnanswered)
        case .har: try HARImport.read(path, options, into: &sink)
        case .vcr: try VCRImport.read(path, options, into: &sink)
        case .sageMaker: try SageMakerImport.read(path, options, into: &sink)
        case .mitmproxy: try MitmproxyImport.read(path, options, into: &sink)
        case .kserve: try KServeImport.readJSON(path, options, into: &sink)
        case .kserveHTTP: try KServeImport.readHTTP(path, options, into: &sink)
        case .predictionLog: try PredictionLogImport.read(path, options, into: &sink)
        case .envoyTap: try EnvoyTapImport.read(path, options, into: &sink)
        case .vegeta: try VegetaImport.read(path, options, into: &sink)
        }
    }

    /// Reads with single options; see the other.
    public static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, format: CaptureFormat? = nil, into sink: inout Sink,
        salvage: Bool = false, keepsUnanswered: Bool = false
    ) throws(AssayError) -> CaptureLosses {
        try read(
            path, format: format, into: &sink,
            options: ImportOptions(salvage: salvage, keepsUnanswered: keepsUnanswered))
    }

    /// The format that a file's content shows.
    public static func sniff(_ path: FilePath) throws(AssayError) -> CaptureFormat {
        var input = try ImportStream(path)
        var start: [UInt8] = []
        _ = try input.read(into: &start)
        guard !start.isEmpty else {
            throw AssayError(
                .unsupported, "\(path) is empty", hint: "check that its recording took place")
        }
        if let format = CaptureFormat.allCases.first(where: { $0.begins(start[...]) }) {
            return format
        }
        let shown = start.prefix(24).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: ".") }
        let tried = CaptureFormat.allCases.map(\.rawValue).joined(separator: ", ")
        throw AssayError(
            .unsupported,
            "\(path) begins with `\(String(decoding: shown, as: UTF8.self))`, as no format does that "
                + "can be imported; tried were \(tried)",
            hint: "name the format with --format")
    }
}
