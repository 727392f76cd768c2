public import AssayCore
import AssaySystem
public import SystemPackage

/// A format that captures are imported from.
public enum CaptureFormat: String, CaseIterable, Hashable, Sendable {
    /// A file that `capture export` wrote, or a journal of the recorder.
    case capture = "warc"
    /// GoReplay, packed with gzip or not.
    case gor
}

/// Reads files of any format that this version knows.
public enum CaptureImport {
    /// Copies the exchanges of a file into a journal, and counts what is lost and why.
    ///
    /// Without a `format` the content decides. `keepsUnanswered` keeps requests without a response,
    /// where a format can have such. Throws what `sniff` does, and what the format's own reader throws.
    public static func read(
        _ path: FilePath, format: CaptureFormat? = nil, into journal: inout CaptureJournal,
        salvage: Bool = false, keepsUnanswered: Bool = false
    ) throws(AssayError) -> CaptureLosses {
        try refuseEmpty(path)
        let known = if let format { format } else { try sniff(path) }
        return switch known {
        case .capture: try CaptureFileImport.read(path, into: &journal, salvage: salvage)
        case .gor:
            try GorImport.read(
                path, into: &journal, salvage: salvage, keepsUnanswered: keepsUnanswered)
        }
    }

    /// The format that a file's content shows.
    ///
    /// Throws `.invalidDocument` for an empty file and `.unsupported` for a content that no format
    /// begins with. Costs a read of the first chunk.
    public static func sniff(_ path: FilePath) throws(AssayError) -> CaptureFormat {
        try refuseEmpty(path)
        var input = try ImportStream(path)
        var start: [UInt8] = []
        _ = try input.read(into: &start)
        if start.starts(with: ZstdFrame.magic) { return .capture }
        if GorMeta(start, at: 0) != nil { return .gor }
        throw AssayError(
            .unsupported,
            "\(path) is neither a capture file, which begins with the zstd bytes 28 b5 2f fd, nor a file "
                + "of GoReplay, whose first line is a kind, an id and a time; it begins with "
                + shown(start),
            hint: "import a file that `assay capture export` or GoReplay wrote")
    }

    private static func refuseEmpty(_ path: FilePath) throws(AssayError) {
        var byte: [UInt8] = [0]
        guard try OpenFile.reading(path).readChunk(&byte) == 0 else { return }
        throw AssayError(.invalidDocument, "could not import \(path): it is empty")
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
