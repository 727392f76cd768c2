import AssayCore
import CLibarchive

/// Hands the bytes of a file, unpacked, to libarchive, and remembers what it saw of them.
///
/// libarchive unpacks nothing itself: its gzip filter, for one, checks no CRC.
final class ArchiveSource {
    private var stream: UnpackedStream
    private let buffer: UnsafeMutableRawBufferPointer
    /// What went wrong while reading; libarchive itself only learns that something did.
    private(set) var fault: AssayError?
    /// How many bytes were handed out.
    private(set) var count = 0
    /// The end of the last byte that was not zero.
    private(set) var lastContent = 0

    init(_ stream: consuming UnpackedStream) {
        self.stream = stream
        unsafe buffer = .allocate(byteCount: 1 << 18, alignment: 16)
    }

    deinit { unsafe buffer.deallocate() }

    /// Reads on; gives how many bytes, 0 at the end, -1 after a fault.
    func read(_ target: UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int {
        do throws(AssayError) {
            let read = try unsafe stream.read(into: buffer)
            unsafe target?.pointee = unsafe UnsafeRawPointer(buffer.baseAddress)
            let bytes = unsafe buffer[..<read]
            if let last = unsafe bytes.lastIndex(where: { $0 != 0 }) {
                lastContent = count + last + 1
            }
            count += read
            return read
        } catch {
            fault = error
            return -1
        }
    }

    /// Reads to the end, so that the checks of the packing are made.
    func drain() throws(AssayError) {
        while read(nil) > 0 {}
        if let fault { throw fault }
    }
}
