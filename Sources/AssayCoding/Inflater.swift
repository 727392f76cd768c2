import AssayCore
import CZlib

/// Undoes gzip (RFC 1952), zlib (RFC 1950) and bare deflate (RFC 1951).
enum Inflater {
    enum Form: Int32 {
        case gzip = 31, zlib = 15, bare = -15
    }

    /// Undoes `deflate`, which by its standard has a zlib frame and in practice often has none.
    static func inflateDeflate(
        _ bytes: ArraySlice<UInt8>, limit: Int
    ) throws(AssayError) -> [UInt8] {
        do throws(AssayError) {
            return try inflate(bytes, form: .zlib, limit: limit)
        } catch {
            guard error.code == .damaged else { throw error }
            return try inflate(bytes, form: .bare, limit: limit)
        }
    }

    /// Undoes one form; several gzip members in a row are one body.
    static func inflate(
        _ bytes: ArraySlice<UInt8>, form: Form, limit: Int
    ) throws(AssayError) -> [UInt8] {
        let name = form == .gzip ? "gzip" : "deflate"
        var input = Array(bytes)
        let outcome: Result<[UInt8], AssayError> = unsafe input.withUnsafeMutableBufferPointer {
            buffer in
            Result { () throws(AssayError) in
                try unsafe run(buffer, form: form, name: name, limit: limit)
            }
        }
        return try outcome.get()
    }

    private static func run(
        _ input: UnsafeMutableBufferPointer<UInt8>, form: Form, name: String, limit: Int
    ) throws(AssayError) -> [UInt8] {
        var stream = unsafe z_stream()
        unsafe stream.next_in = input.baseAddress
        unsafe stream.avail_in = UInt32(clamping: input.count)
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        guard unsafe inflateInit2_(&stream, form.rawValue, ZLIB_VERSION, size) == Z_OK else {
            throw AssayError(.limit, "there is no memory to undo content encoding \(name)")
        }
        defer { unsafe inflateEnd(&stream) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let status = unsafe chunk.withUnsafeMutableBufferPointer { room in
                unsafe stream.next_out = room.baseAddress
                unsafe stream.avail_out = UInt32(room.count)
                return unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
            }
            let made = unsafe chunk.count - Int(stream.avail_out)
            guard output.count + made <= limit else { throw ContentDecoder.tooLarge(name, limit) }
            output += chunk[..<made]
            switch status {
            case Z_OK: continue
            case Z_STREAM_END:
                if unsafe stream.avail_in == 0 { return output }
                guard form == .gzip, unsafe inflateReset(&stream) == Z_OK else {
                    throw ContentDecoder.damaged(name, "there is more after its end")
                }
            case Z_BUF_ERROR: throw ContentDecoder.damaged(name, "it ends too early")
            default:
                let reason = unsafe stream.msg.map { unsafe String(cString: $0) }
                throw ContentDecoder.damaged(name, reason ?? "zlib error \(status)")
            }
        }
    }
}
