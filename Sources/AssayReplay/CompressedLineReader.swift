import AssayCoding
import AssayCore

/// Reads the lines of a zstd stream one by one, in flat memory beside the compressed bytes.
final class CompressedLineReader {
    private let bytes: [UInt8]
    private let name: String
    private let decompressor: ZstdDecompressor
    private var place = 0
    private var chunk = [UInt8](repeating: 0, count: 256 << 10)
    private var expanded: [UInt8] = []
    private var start = 0

    private let lineLimit: Int
    private let hint: String?

    /// How long a line may be where nothing else is said.
    static let usualLimit = 64 << 20

    /// Starts on a blob; `name` names it in messages. A line that is longer than `lineLimit` is refused,
    /// with a hint what to do then.
    init(
        _ bytes: [UInt8], name: String, lineLimit: Int = usualLimit, hint: String? = nil
    ) throws(AssayError) {
        self.lineLimit = lineLimit
        self.hint = hint
        do throws(DecompressionFault) {
            decompressor = try ZstdDecompressor()
        } catch {
            throw AssayError(.limit, "could not read \(name): \(error.reason)")
        }
        self.bytes = bytes
        self.name = name
    }

    /// The next line with its line feed; `nil` after the last. Throws `.damaged`.
    func next() throws(AssayError) -> [UInt8]? {
        var searched = start
        while true {
            if let end = expanded[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                guard end - start < lineLimit else { throw tooLong }
                defer { start = end + 1 }
                return Array(expanded[start...end])
            }
            searched = expanded.count
            if start > 0 {
                expanded.removeFirst(start)
                searched -= start
                start = 0
            }
            guard expanded.count <= lineLimit else { throw tooLong }
            guard try fill() else {
                guard expanded.isEmpty else {
                    throw AssayError(.damaged, "\(name) ends inside a line")
                }
                return nil
            }
        }
    }

    private var tooLong: AssayError {
        AssayError(
            .limit, "a line of \(name) is longer than \(ByteCount(lineLimit))", hint: hint)
    }

    /// Expands some more; false at the end.
    private func fill() throws(AssayError) -> Bool {
        while place < bytes.count || !bytes.isEmpty && !decompressor.isWhole {
            let (taken, made): (Int, Int)
            do throws(DecompressionFault) {
                (taken, made) = try decompressor.step(bytes[place...], into: &chunk)
            } catch {
                throw AssayError(.damaged, "\(name) is damaged: \(error.reason)")
            }
            guard taken > 0 || made > 0 else {
                throw AssayError(.damaged, "\(name) is cut short")
            }
            place += taken
            expanded += chunk[..<made]
            if made > 0 { return true }
        }
        return false
    }
}
