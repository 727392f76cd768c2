/// A format that captures are exported to.
public enum CaptureExportFormat: String, CaseIterable, Hashable, Sendable {
    /// All of the capture in zstd frames, which import reads back to the same id.
    case capture = "warc.zst"
    /// The same records as plain WARC, and packed with gzip record by record.
    case warc
    case packedWARC = "warc.gz"
    /// Lines of JSON with all that is known.
    case jsonl
    /// HTTP archive.
    case har
    /// GoReplay, and the same packed with gzip.
    case gor
    case packedGor = "gor.gz"
    /// Targets for vegeta, which are requests alone.
    case vegeta

    /// The format that a file's name ends with, the longest ending first.
    public init?(fileName: String) {
        let name = fileName.lowercased()
        let endings: [(String, CaptureExportFormat)] = [
            (".warc.zst", .capture), (".warc.gz", .packedWARC), (".warc", .warc),
            (".jsonl", .jsonl), (".har", .har), (".gor.gz", .packedGor), (".gor", .gor),
            (".vegeta.json", .vegeta), (".vegeta", .vegeta),
        ]
        guard let found = endings.first(where: { name.hasSuffix($0.0) }) else { return nil }
        self = found.1
    }
}

/// What an export wrote.
public struct CaptureExport: Hashable, Sendable {
    /// Exchanges in the file.
    public var written = 0
    /// What the format could not hold, with the counts of exchanges that had it.
    public var notes: [String: Int] = [:]

    mutating func note(_ sentence: String) {
        notes[sentence, default: 0] += 1
    }
}
