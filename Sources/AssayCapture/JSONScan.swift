/// Finds where a JSON value ends, piece by piece, without checking its grammar: brackets outside of
/// strings are counted. What it delimits is read by a parser afterwards.
struct JSONScan {
    /// How far it has looked, in bytes from the value's start.
    private(set) var position = 0
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var hasBegun = false

    /// Looks on in `bytes`, which begin where the value begins; gives the value's length, or `nil`
    /// if it goes on beyond them. A number or literal ends before the byte that ends it.
    mutating func run(_ bytes: ArraySlice<UInt8>) -> Int? {
        unsafe bytes.withUnsafeBufferPointer { unsafe run($0) }
    }

    /// Starts again at the beginning of other bytes, which follow those that were looked at.
    mutating func rewind() {
        position = 0
    }

    private mutating func run(_ buffer: UnsafeBufferPointer<UInt8>) -> Int? {
        var index = position
        defer { position = index }
        while index < buffer.count {
            if isInString {
                guard unsafe skipString(buffer, &index) else { return nil }
                if depth == 0 { return index }
                continue
            }
            switch unsafe buffer[index] {
            case UInt8(ascii: "\""):
                if hasBegun, depth == 0 { return index }
                hasBegun = true
                isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if hasBegun, depth == 0 { return index }
                hasBegun = true
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // A closing bracket ends a number, and is no value itself.
                if depth == 0 { return index }
                depth -= 1
                if depth == 0 {
                    index += 1
                    return index
                }
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09, 0x0A, 0x0D:
                if depth == 0 { return index }
            default: hasBegun = true
            }
            index += 1
        }
        return nil
    }

    /// Goes on behind the string's closing quote; false if that is not in the buffer.
    private mutating func skipString(
        _ buffer: UnsafeBufferPointer<UInt8>, _ index: inout Int
    ) -> Bool {
        while index < buffer.count {
            if isEscaped {
                isEscaped = false
                index += 1
                continue
            }
            let byte = unsafe buffer[index]
            index += 1
            if byte == UInt8(ascii: "\"") {
                isInString = false
                return true
            }
            if byte == UInt8(ascii: "\\") { isEscaped = true }
        }
        return false
    }
}
