import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayCapture

/// Collects exchanges in memory.
struct ExchangeList: ~Copyable, ExchangeSink {
    var exchanges: [Exchange] = []

    mutating func append(_ exchange: Exchange) throws(AssayError) {
        exchanges.append(exchange)
    }
}

/// The small files of every format, which `Samples/import/make.py` writes.
enum ImportSamples {
    static let directory = FilePath(#filePath).removingLastComponent()
        .appending("Samples").appending("import")

    /// Each file with its format, and how many of the exchanges seen in it are whole.
    static let all: [(name: String, format: CaptureFormat, seen: Int, whole: Int)] = [
        ("sample.har", .har, 3, 3), ("vcrpy.yaml", .vcr, 2, 2), ("parsed.yaml", .vcr, 1, 1),
        ("ruby.yaml", .vcr, 1, 1), ("sagemaker.jsonl", .sageMaker, 3, 2),
        ("foreign.warc", .warc, 3, 2), ("flows.mitm", .mitmproxy, 3, 2),
        ("kserve.jsonl", .kserve, 3, 2), ("kserve.http", .kserveHTTP, 2, 1),
        ("prediction.tfrecord", .predictionLog, 2, 2), ("tap.json", .envoyTap, 3, 2),
        ("targets.vegeta.json", .vegeta, 1, 0),
    ]

    static func bytes(_ name: String) throws -> [UInt8] {
        try FileSystem.read(directory.appending(name))
    }

    /// What an import of bytes gives.
    static func read(
        _ bytes: [UInt8], as format: CaptureFormat? = nil, options: ImportOptions = ImportOptions()
    ) throws -> (exchanges: [Exchange], losses: CaptureLosses) {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-import-test-")
        let file = directory.path.appending("input")
        try OpenFile.creating(file).write(bytes)
        var list = ExchangeList()
        let losses = try CaptureImport.read(file, format: format, into: &list, options: options)
        return (list.exchanges, losses)
    }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
