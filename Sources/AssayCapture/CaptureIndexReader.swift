import AssayCore

/// Hands out the entries of an index one by one; holds its blob as it is and one frame expanded.
struct CaptureIndexReader {
    private let name: String
    private var rest: ArraySlice<UInt8>
    private var entries: ArraySlice<CaptureIndex.Entry> = []

    init(_ bytes: [UInt8], name: String) {
        self.name = name
        rest = bytes[...]
    }

    /// The next entry; `nil` after the last. Throws `.damaged` for bytes that are no index.
    mutating func next() throws(AssayError) -> CaptureIndex.Entry? {
        while true {
            if let entry = entries.popFirst() { return entry }
            guard !rest.isEmpty else { return nil }
            guard let size = try ZstdFrame.size(at: rest) else {
                throw AssayError(.damaged, "\(name) is cut short")
            }
            var frame = CaptureIndex()
            try frame.append(parsing: try ZstdFrame.expand(rest.prefix(size)), name: name)
            entries = frame.entries[...]
            rest = rest.dropFirst(size)
        }
    }
}
