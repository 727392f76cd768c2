import AssayCore
import CZstd

/// Reads the lines of a zstd stream one by one, in flat memory beside the compressed bytes.
@safe final class CompressedLineReader {
    private let bytes: [UInt8]
    private let name: String
    private let context: OpaquePointer
    private var place = 0
    private var isWhole = true
    private var chunk = [UInt8](repeating: 0, count: 256 << 10)
    private var expanded: [UInt8] = []
    private var start = 0

    /// No line is longer than this.
    static let lineLimit = 64 << 20

    /// Starts on a blob; `name` names it in messages.
    init(_ bytes: [UInt8], name: String) throws(AssayError) {
        guard let context = unsafe ZSTD_createDCtx() else {
            throw AssayError(.limit, "there is no memory to read \(name)")
        }
        self.bytes = bytes
        self.name = name
        unsafe self.context = context
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    /// The next line with its line feed; `nil` after the last. Throws `.damaged`.
    func next() throws(AssayError) -> [UInt8]? {
        var searched = start
        while true {
            if let end = expanded[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return Array(expanded[start...end])
            }
            searched = expanded.count
            if start > 0 {
                expanded.removeFirst(start)
                searched -= start
                start = 0
            }
            guard expanded.count <= Self.lineLimit else {
                throw AssayError(.limit, "a line of \(name) is longer than 64 MiB")
            }
            guard try fill() else {
                guard expanded.isEmpty else {
                    throw AssayError(.damaged, "\(name) ends inside a line")
                }
                return nil
            }
        }
    }

    /// Expands some more; false at the end.
    private func fill() throws(AssayError) -> Bool {
        while place < bytes.count || !isWhole {
            let step: (consumed: Int, produced: Int, left: Int) = unsafe bytes.withUnsafeBytes {
                source in
                unsafe chunk.withUnsafeMutableBytes { target in
                    var input = unsafe ZSTD_inBuffer(
                        src: source.baseAddress.map { unsafe $0 + place },
                        size: source.count - place, pos: 0)
                    var output = unsafe ZSTD_outBuffer(
                        dst: target.baseAddress, size: target.count, pos: 0)
                    let left = unsafe ZSTD_decompressStream(context, &output, &input)
                    return unsafe (input.pos, output.pos, left)
                }
            }
            guard ZSTD_isError(step.left) == 0 else {
                let reason = unsafe String(cString: ZSTD_getErrorName(step.left))
                throw AssayError(.damaged, "\(name) is damaged: \(reason)")
            }
            guard step.consumed > 0 || step.produced > 0 else {
                throw AssayError(.damaged, "\(name) is cut short")
            }
            place += step.consumed
            isWhole = step.left == 0
            expanded += chunk[..<step.produced]
            if step.produced > 0 { return true }
        }
        return false
    }
}
