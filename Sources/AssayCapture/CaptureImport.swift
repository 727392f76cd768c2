public import AssayCore
import AssaySystem
public import SystemPackage

/// Reads files of any format that this version knows.
public enum CaptureImport {
    /// Hands the exchanges of a file to `sink`, and counts what is lost and why.
    ///
    /// Without a `format` the content decides. Throws what `sniff` does; `.damaged` with the byte offset
    /// for a file that is hurt or cut short, unless the options say `salvage`, with which an empty file
    /// of a known format is one without exchanges.
    public static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, format: CaptureFormat? = nil, into sink: inout Sink,
        options: ImportOptions
    ) throws(AssayError) -> CaptureLosses {
        if !options.salvage { try refuseEmpty(path) }
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
    ///
    /// Throws `.invalidDocument` for an empty file and `.unsupported` for a content that no format
    /// begins with, naming those that were tried. Costs a read of the first chunk.
    public static func sniff(_ path: FilePath) throws(AssayError) -> CaptureFormat {
        try refuseEmpty(path)
        var input = try ImportStream(path)
        var start: [UInt8] = []
        _ = try input.read(into: &start)
        guard !start.isEmpty else { throw empty(path) }
        if let format = CaptureFormat.allCases.first(where: { $0.begins(start[...]) }) {
            return format
        }
        let tried = CaptureFormat.allCases.map(\.rawValue).joined(separator: ", ")
        throw AssayError(
            .unsupported,
            "\(path) begins with \(shown(start)), as no format does that can be imported; tried were "
                + tried,
            hint: "name the format with --format")
    }

    private static func refuseEmpty(_ path: FilePath) throws(AssayError) {
        var byte: [UInt8] = [0]
        guard try OpenFile.reading(path).readChunk(&byte) == 0 else { return }
        throw empty(path)
    }

    private static func empty(_ path: FilePath) -> AssayError {
        AssayError(
            .invalidDocument, "could not import \(path): it is empty",
            hint: "check that its recording took place")
    }

    /// The first bytes for a message: as text where they are that, otherwise in hexadecimal.
    private static func shown(_ start: [UInt8]) -> String {
        let line = start.prefix { $0 != 0x0A && $0 != 0x0D }.prefix(40)
        guard line.count > 3, line.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
            let digits = start.prefix(8).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            return "the bytes " + digits.joined(separator: " ")
        }
        return "`\(String(decoding: line, as: UTF8.self))`"
    }
}
