import AssayCore
import AssayStore

/// Hands out the entries of an index one by one; holds one frame of it expanded.
struct CaptureIndexReader {
    private let name: String
    private var frames: BlobFrames
    private var entries: ArraySlice<CaptureIndex.Entry> = []

    init(_ blob: Layer, in store: Store, name: String) {
        self.name = name
        frames = BlobFrames([blob], in: store, kind: name)
    }

    /// The next entry; `nil` after the last. Throws `.damaged` for bytes that are no index.
    mutating func next() throws(AssayError) -> CaptureIndex.Entry? {
        while true {
            if let entry = entries.popFirst() { return entry }
            guard let content = try frames.next() else { return nil }
            var frame = CaptureIndex()
            try frame.append(parsing: content, name: name)
            entries = frame.entries[...]
        }
    }
}
