import Glibc

/// Finds bytes in memory with the C library, which looks at many at once.
enum ByteSearch {
    /// Where `byte` stands first in `buffer` from `start` on.
    static func first(
        _ byte: UInt8, in buffer: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> Int? {
        guard start < buffer.count, let base = buffer.baseAddress,
            let found = unsafe memchr(base + start, Int32(byte), buffer.count - start)
        else { return nil }
        return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// Whether a text stands in `bytes`.
    static func finds(_ text: String, in bytes: [UInt8]) -> Bool {
        first(Array(text.utf8), in: bytes, from: 0) != nil
    }

    /// Where `pattern`, which is not empty, stands first in `bytes` from `start` on.
    ///
    /// Looks for the largest byte of the pattern, which in text is the rarest, and then at the rest.
    static func first(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard let largest = pattern.max(), let anchor = pattern.firstIndex(of: largest) else {
            return nil
        }
        var from = start + anchor
        while let place = unsafe bytes.withUnsafeBufferPointer({
            unsafe first(largest, in: $0, from: from)
        }) {
            if holds(pattern, in: bytes, at: place - anchor) { return place - anchor }
            from = place + 1
        }
        return nil
    }

    /// Whether `bytes` hold `pattern` at `start`.
    static func holds(_ pattern: [UInt8], in bytes: [UInt8], at start: Int) -> Bool {
        guard start >= 0, bytes.count - start >= pattern.count else { return false }
        return bytes[start..<start + pattern.count].elementsEqual(pattern)
    }
}

extension [UInt8] {
    /// What follows the empty lines that may precede a request (RFC 9112, 2.2).
    var afterEmptyLines: ArraySlice<UInt8> { drop { $0 == 0x0D || $0 == 0x0A } }
}

extension ArraySlice<UInt8> {
    /// Where the first line feed stands.
    var firstLineFeed: Int? {
        let place = unsafe withUnsafeBufferPointer {
            unsafe ByteSearch.first(0x0A, in: $0, from: 0)
        }
        return place.map { startIndex + $0 }
    }
}
