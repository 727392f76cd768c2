import AssayCore
import AssaySystem
import CZlib
import SystemPackage

/// The bytes of a file to import, in order; a file in gzip (RFC 1952) is unpacked as it is read.
struct ImportStream: ~Copyable {
    /// What the file is called, for messages.
    let name: String
    private let file: OpenFile
    private var inflater: GzipInflater?
    private var chunk: [UInt8] = []
    /// How much is read at once; no more than a small file has.
    private let step: Int

    private static let largestStep = 1 << 20

    init(_ path: FilePath) throws(AssayError) {
        let file = try OpenFile.reading(path)
        let step = min(Self.largestStep, max(4096, try file.status().size + 1))
        var chunk = [UInt8](repeating: 0, count: step)
        let count = try file.readChunk(&chunk)
        chunk.removeLast(chunk.count - count)
        let inflater: GzipInflater? = chunk.starts(with: [0x1F, 0x8B]) ? try GzipInflater() : nil
        self.step = step
        name = path.string
        self.file = file
        self.inflater = inflater
        self.chunk = chunk
    }

    /// Whether the file is packed, so that offsets count unpacked bytes.
    var isPacked: Bool { inflater != nil }

    /// Appends the next bytes, of packed ones a few MiB at most; false at the end. Throws `.damaged` for gzip that is hurt or cut short.
    mutating func read(into bytes: inout [UInt8]) throws(AssayError) -> Bool {
        while true {
            if chunk.isEmpty {
                chunk = [UInt8](repeating: 0, count: step)
                let count = try file.readChunk(&chunk)
                chunk.removeLast(chunk.count - count)
            }
            guard inflater != nil else {
                guard !chunk.isEmpty else { return false }
                bytes += chunk
                chunk.removeAll()
                return true
            }
            let before = bytes.count
            if let isOver = try inflater?.read(&chunk, into: &bytes, name: name), isOver {
                return false
            }
            if bytes.count > before { return true }
        }
    }
}

/// Unpacks gzip piece by piece; members that follow one another are one content.
struct GzipInflater: ~Copyable {
    // zlib keeps the address of its stream, so that it may not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isBetweenMembers = false

    init() throws(AssayError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        // 16 asks for the gzip form, 15 for its largest window.
        guard unsafe inflateInit2_(stream, 16 + 15, ZLIB_VERSION, size) == Z_OK else {
            unsafe stream.deallocate()
            throw AssayError(.limit, "there is no memory to unpack gzip")
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// A call stops when it has made so many bytes, however much its input holds.
    private static let largestOutput = 1 << 20

    /// Unpacks what is in `input`, or the first of it, and takes it from there; true if `input` is empty
    /// and the content is whole. Empty input means that the file has ended.
    mutating func read(
        _ input: inout [UInt8], into output: inout [UInt8], name: String
    ) throws(AssayError) -> Bool {
        guard !input.isEmpty else {
            guard isBetweenMembers else {
                throw AssayError(.damaged, "\(name) is cut short: its gzip content has no end")
            }
            return true
        }
        var room = [UInt8](repeating: 0, count: 1 << 18)
        var used = 0
        let before = output.count
        while used < input.count, output.count - before < Self.largestOutput {
            let (status, taken, made) = step(&input, from: used, &room)
            output += room[..<made]
            used += taken
            switch status {
            case Z_OK: isBetweenMembers = false
            case Z_STREAM_END:
                isBetweenMembers = true
                guard unsafe inflateReset(stream) == Z_OK else {
                    throw AssayError(.damaged, "\(name) cannot be unpacked: zlib did not go on")
                }
            case Z_BUF_ERROR where taken > 0 || made > 0: break
            default:
                let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
                throw AssayError(
                    .damaged,
                    "\(name) cannot be unpacked: "
                        + (reason ?? "zlib reports error \(status)"))
            }
        }
        input.removeFirst(used)
        return false
    }

    /// One call of zlib: its status, and how many bytes it took and made.
    private func step(
        _ input: inout [UInt8], from start: Int, _ room: inout [UInt8]
    ) -> (status: Int32, taken: Int, made: Int) {
        unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe room.withUnsafeMutableBufferPointer { target in
                let available = source.count - start
                unsafe stream.pointee.next_in = source.baseAddress.map { unsafe $0 + start }
                unsafe stream.pointee.avail_in = UInt32(available)
                unsafe stream.pointee.next_out = target.baseAddress
                unsafe stream.pointee.avail_out = UInt32(target.count)
                let status = unsafe inflate(stream, Z_NO_FLUSH)
                return unsafe (
                    status, available - Int(stream.pointee.avail_in),
                    target.count - Int(stream.pointee.avail_out)
                )
            }
        }
    }
}
