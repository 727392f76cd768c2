public import AssayCore
import AssayStore
import AssaySystem
import Glibc
public import SystemPackage

extension Capture {
    /// Writes the capture to one new file: its frames in a row, which `zstd -d` turns into a plain
    /// WARC. The first frame holds a `warcinfo` record with the capture's summary.
    ///
    /// Importing the file again gives the same capture id. Throws `.io` if the file is there already.
    public func export(to path: FilePath) throws(AssayError) {
        _ = try export(to: path, as: .capture)
    }

    /// Writes the capture to one new file in a format, in time order and flat memory, and says what
    /// the format could not hold.
    ///
    /// `origin` is the server that targets of vegeta name, as `http://127.0.0.1:8000`; without it they
    /// name the host of each request. Throws `.io` if the file is there already; a file that could
    /// not be finished is removed.
    public func export(
        to path: FilePath, as format: CaptureExportFormat, origin: String? = nil
    ) throws(AssayError) -> CaptureExport {
        let isPacked = format == .packedGor || format == .packedWARC
        var file = try ExportFile(path, isPacked: isPacked)
        do throws(AssayError) {
            let report =
                switch format {
                case .capture: try writeFrames(&file)
                case .warc, .packedWARC: try writeRecords(&file, isPacked: isPacked)
                case .jsonl: try writeEach(&file, JSONLinesExport())
                case .har: try writeEach(&file, HARExport())
                case .gor, .packedGor: try writeEach(&file, GorExport())
                case .vegeta: try writeEach(&file, VegetaExport(origin: origin))
                }
            try file.finish()
            return report
        } catch {
            try FileSystem.remove(path)
            throw error
        }
    }

    private func writeFrames(_ file: inout ExportFile) throws(AssayError) -> CaptureExport {
        try file.write(try ZstdFrame.compress(info))
        try file.flush()
        for segment in segments {
            try file.write(try store.read(segment.digest))
            try file.flush()
        }
        return CaptureExport(written: summary.exchanges)
    }

    /// The `warcinfo` record that a file begins with.
    private var info: [UInt8] {
        var info = WARCWriter()
        info.append(
            .info, id: "capture:\(id.hex)", date: Timestamp.text(summary.firstAt), target: nil,
            block: CanonicalJSON.encode(summary.document))
        return info.bytes
    }

    private func writeRecords(
        _ file: inout ExportFile, isPacked: Bool
    ) throws(AssayError) -> CaptureExport {
        try file.write(info)
        if isPacked { try file.flush() }
        var frames = BlobFrames(segments, in: store)
        while let content = try frames.next() {
            guard isPacked else {
                try file.write(content)
                continue
            }
            // Other tools expect each record in a member of its own.
            var scanner = WARCScanner(content)
            var start = 0
            while try scanner.next() != nil {
                try file.write(Array(content[start..<scanner.position]))
                try file.flush()
                start = scanner.position
            }
        }
        return CaptureExport(written: summary.exchanges)
    }

    private func writeEach(
        _ file: inout ExportFile, _ writer: some ExchangeExport
    ) throws(AssayError) -> CaptureExport {
        var writer = writer
        var report = CaptureExport()
        try file.write(writer.opening)
        var reader = try reader()
        while let exchange = try reader.next() {
            try file.write(try writer.text(of: exchange, &report))
        }
        try file.write(writer.closing)
        return report
    }
}

/// Writes exchanges in a format, one by one.
protocol ExchangeExport {
    /// What stands before the first and behind the last exchange.
    var opening: [UInt8] { get }
    var closing: [UInt8] { get }
    /// One exchange; what the format cannot hold is noted, and one that it cannot hold at all is
    /// empty and not counted as written.
    mutating func text(
        of exchange: Exchange, _ report: inout CaptureExport
    ) throws(AssayError) -> [UInt8]
}

extension ExchangeExport {
    var opening: [UInt8] { [] }
    var closing: [UInt8] { [] }

    /// Notes what is known of an exchange beyond its bytes and times.
    func noteFacts(_ exchange: Exchange, _ report: inout CaptureExport) {
        if !exchange.egress.isEmpty { report.note("its calls to dependencies are not in the file") }
        if exchange.label != nil { report.note("its label is not in the file") }
        if exchange.bundle != nil { report.note("the bundle that answered is not in the file") }
        if exchange.session != nil || exchange.key != nil || !exchange.slices.isEmpty {
            report.note("its session, key and slices are not in the file: import finds them anew")
        }
    }
}
