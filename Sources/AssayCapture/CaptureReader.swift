public import AssayCore
import AssayStore

/// Hands out the exchanges of a capture one by one, in time order; holds one frame at a time.
///
/// Without a choice among them it reads the segments from start to end and no index, so that its
/// memory does not grow with the capture.
public struct CaptureReader: Sendable {
    private enum Source: Sendable {
        case all(BlobFrames)
        case chosen(Capture, [CaptureIndex.Entry])
    }

    private var source: Source
    private var decoder: ExchangeDecoder?
    private var position = 0
    private var content: [UInt8] = []

    /// Reads all exchanges.
    init(capture: Capture) {
        source = .all(BlobFrames(capture.segments, in: capture.store))
    }

    /// Reads the exchanges at those places.
    init(capture: Capture, entries: [CaptureIndex.Entry]) {
        source = .chosen(capture, entries)
    }

    /// The next exchange; `nil` after the last. Throws `.damaged` for bytes that are not whole.
    public mutating func next() throws(AssayError) -> Exchange? {
        switch source {
        case .all(var frames):
            while true {
                if let exchange = try decoder?.next() { return exchange }
                // The frames are taken out while they change, so that nothing is copied.
                source = .all(BlobFrames([], in: frames.store))
                defer { source = .all(frames) }
                guard let content = try frames.next() else { return nil }
                decoder = ExchangeDecoder(content)
            }
        case .chosen(let capture, let entries):
            guard position < entries.count else { return nil }
            let entry = entries[position]
            let previous = position > 0 ? entries[position - 1] : nil
            if previous?.segment != entry.segment || previous?.offset != entry.offset {
                content = try capture.frame(of: entry)
            }
            position += 1
            return try capture.exchange(in: content, at: entry)
        }
    }
}
