public import AssayCore
public import SystemPackage

/// Reads a capture file that `export` wrote, or a journal.
public enum CaptureFileImport {
    /// Copies the exchanges of a file into a journal and gives the losses of the capture: those that
    /// it was recorded with, and what of the file could not be read.
    ///
    /// Throws `.damaged` with the byte offset for a file that is cut short or hurt; with `salvage` it
    /// keeps the whole exchanges before that place, and counts those that the file should have held.
    public static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, into journal: inout Sink, salvage: Bool
    ) throws(AssayError) -> CaptureLosses {
        var summary: CaptureSummary?
        var kept = 0
        var frames = try FrameReader(path: path)
        do throws(AssayError) {
            while let frame = try frames.next() {
                do throws(AssayError) {
                    var decoder = ExchangeDecoder(frame.content)
                    if frame.offset == 0 {
                        switch try CaptureFileLayout(of: &decoder, path: path) {
                        case .described(let found): summary = found
                        case .bare: break
                        }
                    }
                    while let exchange = try decoder.next() {
                        try journal.append(exchange)
                        kept += 1
                    }
                } catch {
                    guard error.code == .damaged else { throw error }
                    throw AssayError(
                        .damaged, "\(path) is damaged in the frame at byte \(frame.offset)",
                        hint: "keep what is whole with `--salvage`", cause: error)
                }
            }
            if let summary, summary.exchanges != kept {
                throw AssayError(
                    .damaged,
                    "\(path) ends at byte \(frames.offset) after \(kept) of "
                        + "\(summary.exchanges) exchanges",
                    hint: "keep what is whole with `--salvage`")
            }
        } catch {
            guard salvage, error.code == .damaged else { throw error }
            return salvaged(kept: kept, of: summary, reason: "\(error)")
        }
        var losses = summary?.losses ?? CaptureLosses()
        losses.settle(on: kept)
        return losses
    }

    private static func salvaged(
        kept: Int, of summary: CaptureSummary?, reason: String
    ) -> CaptureLosses {
        var losses = summary?.losses ?? CaptureLosses()
        losses.seen += kept - losses.whole
        losses.whole = kept
        // How many a file without a summary should have held, nobody knows; at least one.
        let missing = summary.map { max($0.exchanges - kept, 0) } ?? 1
        losses.lose(\.truncated, reason, count: missing)
        return losses
    }
}
