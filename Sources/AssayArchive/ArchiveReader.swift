import AssayCore
import AssaySystem
import CLibarchive
import Glibc
import SystemPackage

/// Reads the entries of a tar or zip file, one after the other, on one thread.
///
/// Only the formats tar (ustar, pax, GNU) and zip are enabled. Of libarchive's statuses only
/// "fine" and "end" are accepted: a damaged file makes it report faults for ever, and a warning can
/// mean that a checksum is wrong.
final class ArchiveReader {
    private let handle: OpaquePointer
    private let source: ArchiveSource?
    private let path: FilePath
    private let locale: locale_t?
    private let previous: locale_t?

    enum Format: Hashable { case tar, zip }

    /// The format of a file by its first unpacked bytes; `nil` if it is neither.
    static func format(of path: FilePath) throws(AssayError) -> Format? {
        var stream = try UnpackedStream(path)
        var start: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 512)
        while start.count < 512 {
            let count = try stream.readChunk(&chunk)
            if count == 0 { break }
            start += chunk[..<count]
        }
        let isPlain = stream.packing == .none
        if isPlain,
            start.starts(with: [0x50, 0x4B, 3, 4]) || start.starts(with: [0x50, 0x4B, 5, 6])
        {
            return .zip
        }
        guard start.count >= 512 else { return nil }
        // An empty tar is zeros alone.
        if start[257..<262].elementsEqual("ustar".utf8) || start.allSatisfy({ $0 == 0 }) {
            return .tar
        }
        return nil
    }

    init(_ path: FilePath, format: Format) throws(AssayError) {
        let source = format == .tar ? ArchiveSource(try UnpackedStream(path)) : nil
        guard let handle = unsafe archive_read_new() else {
            throw AssayError(.limit, "there is no memory to read \(path)")
        }
        unsafe self.handle = unsafe handle
        self.path = path
        self.source = source
        // Names are UTF-8, whatever the caller's locale; libarchive asks the thread's.
        unsafe locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
        unsafe previous = unsafe locale.map { unsafe uselocale($0) }
        let status: Int32
        switch format {
        case .tar:
            try check(unsafe archive_read_support_format_tar(handle))
            let context = unsafe source.map { unsafe Unmanaged.passUnretained($0).toOpaque() }
            unsafe status = archive_read_open(
                handle, context, nil,
                { _, context, buffer in
                    guard let context = unsafe context else { return -1 }
                    let source = unsafe Unmanaged<ArchiveSource>.fromOpaque(context)
                    return unsafe source.takeUnretainedValue().read(buffer)
                }, nil)
        case .zip:
            // The list at the end of the file is what counts: it alone has modes and links.
            try check(unsafe archive_read_support_format_zip_seekable(handle))
            unsafe status = archive_read_open_filename(handle, path.string, 1 << 18)
        }
        try check(status)
    }

    deinit {
        unsafe archive_read_free(handle)
        if let previous = unsafe previous { unsafe uselocale(previous) }
        if let locale = unsafe locale { unsafe freelocale(locale) }
    }

    /// The next entry; `nil` at the end of an archive that is whole.
    func next() throws(AssayError) -> ArchiveEntry? {
        var entry: OpaquePointer?
        let status = unsafe archive_read_next_header(handle, &entry)
        if status == ARCHIVE_EOF {
            try checkEnd()
            return nil
        }
        try check(status)
        guard let entry = unsafe entry else { throw damaged("an entry is not there") }
        return try unsafe ArchiveEntry(entry, archive: path)
    }

    /// Fills `buffer` with the next bytes of the entry; gives how many, 0 at its end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(AssayError) -> Int {
        let count = unsafe archive_read_data(handle, buffer.baseAddress, buffer.count)
        guard count >= 0 else { throw failure() }
        return count
    }

    /// A tar ends with blocks of zeros; without them it may have been cut at the border of a file.
    private func checkEnd() throws(AssayError) {
        guard let source else { return }
        try source.drain()
        let end = Int(unsafe archive_read_header_position(handle))
        guard source.count >= end + 1024 else {
            throw damaged("it has no end mark, so that it may be cut short")
        }
        guard source.lastContent <= end else {
            throw damaged("\(source.lastContent - end) bytes follow its end")
        }
    }

    private func check(_ status: Int32) throws(AssayError) {
        if status != ARCHIVE_OK { throw failure() }
    }

    private func failure() -> AssayError {
        if let fault = source?.fault { return fault }
        let message = unsafe archive_error_string(handle).map { unsafe String(cString: $0) }
        return damaged(message ?? "libarchive gives no reason")
    }

    private func damaged(_ reason: String) -> AssayError {
        AssayError(.damaged, "could not read archive \(path): \(reason)")
    }
}
