public import AssayCore

/// Hands out the exchanges of a capture one by one, in time order; holds one frame at a time.
public struct CaptureReader: Sendable {
    private let capture: Capture
    private let entries: [CaptureIndex.Entry]
    private let chosen: Set<String>?
    private var position = 0
    private var content: ArraySlice<UInt8> = []

    init(capture: Capture, entries: [CaptureIndex.Entry], chosen: Set<String>?) {
        self.capture = capture
        self.entries = entries
        self.chosen = chosen
    }

    /// The next exchange; `nil` after the last. Throws `.damaged` for bytes that are not whole.
    public mutating func next() throws(AssayError) -> Exchange? {
        while true {
            while !content.isEmpty {
                let exchange = try ExchangeCodec.take(from: &content)
                if chosen?.contains(exchange.id) ?? true { return exchange }
            }
            guard let frame = nextFrame() else { return nil }
            content = try capture.frame(
                segment: frame.segment, offset: frame.offset, length: frame.length)[...]
        }
    }

    /// Moves behind the entries of the next frame that holds a chosen exchange.
    private mutating func nextFrame() -> CaptureIndex.Entry? {
        while position < entries.count {
            let first = entries[position]
            var isWanted = false
            while position < entries.count, entries[position].segment == first.segment,
                entries[position].offset == first.offset
            {
                if chosen?.contains(entries[position].id) ?? true { isWanted = true }
                position += 1
            }
            if isWanted { return first }
        }
        return nil
    }
}
