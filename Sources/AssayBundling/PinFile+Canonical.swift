import AssayCore
import Glibc

extension PinFile {
    /// Reads the form that `bytes` writes, line by line; `nil` for any other, which the strict
    /// reader then reads or names the fault of.
    ///
    /// Such a file may have a hundred thousand lines, which take a YAML reader seconds.
    static func parseCanonical(_ bytes: [UInt8]) -> PinFile? {
        unsafe bytes.withUnsafeBytes { buffer in
            var reader = unsafe CanonicalLines(buffer)
            return reader.pins().map { PinFile(pins: $0) }
        }
    }
}

/// Walks over the lines of a lock, never beyond its end.
private struct CanonicalLines {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = bytes
    }

    mutating func pins() -> [String: PinFile.Pin]? {
        guard
            take(
                """
                # Written by `assay track`; commit it with the code.
                schema: assay/lock/v1
                pins:

                """)
        else { return nil }
        var pins: [String: PinFile.Pin] = [:]
        pins.reserveCapacity(bytes.count / 128)
        while position < bytes.count {
            guard let (path, pin) = pin(), pins.updateValue(pin, forKey: path) == nil else {
                return nil
            }
        }
        return pins.isEmpty ? nil : pins
    }

    private mutating func pin() -> (String, PinFile.Pin)? {
        // Without a backslash the JSON string is the path itself.
        guard take("  - {path: \""), let path = text(to: UInt8(ascii: "\"")),
            !path.utf8.contains(UInt8(ascii: "\\")), RelativePath.fault(in: path) == nil,
            take("\", kind: "),
            let kind = text(to: UInt8(ascii: ",")).flatMap({ PinFile.Kind(rawValue: $0) }),
            take(", size: "), let size = text(to: UInt8(ascii: ",")).flatMap({ Int($0) }),
            size >= 0, take(", digest: \"sha256:"), let digest = digest(), take("\"}\n")
        else { return nil }
        return (path, PinFile.Pin(digest: digest, size: size, kind: kind))
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard bytes.count - position >= text.utf8CodeUnitCount,
            let start = bytes.baseAddress?.advanced(by: position),
            unsafe memcmp(start, text.utf8Start, text.utf8CodeUnitCount) == 0
        else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    private mutating func text(to end: UInt8) -> String? {
        guard let start = bytes.baseAddress?.advanced(by: position),
            let place = unsafe memchr(start, Int32(end), min(bytes.count - position, 4200))
        else { return nil }
        let count = unsafe UnsafeRawPointer(place) - start
        defer { position += count }
        return String(
            validating: unsafe UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    private mutating func digest() -> Digest? {
        let count = 2 * Digest.byteCount
        guard bytes.count - position >= count else { return nil }
        defer { position += count }
        return unsafe Digest(
            hex: UnsafeRawBufferPointer(rebasing: bytes[position..<position + count]))
    }
}
