import AssayCore
import SystemPackage

/// The bytes ahead in a file to import; what was taken is given up, so that memory stays flat.
struct ImportBuffer: ~Copyable {
    private var input: ImportStream
    /// What is held; the bytes ahead begin at `start`.
    private(set) var bytes: [UInt8] = []
    private(set) var start = 0
    /// Whether the file holds no more than `bytes`.
    private(set) var atEnd = false
    /// Where `start` is in the file, in (unpacked) bytes.
    private(set) var offset = 0
    /// Why the file ended early, if it did.
    private(set) var failure: AssayError?

    init(_ path: FilePath) throws(AssayError) {
        input = try ImportStream(path)
    }

    var name: String { input.name }
    /// How many bytes are ahead and held.
    var count: Int { bytes.count - start }
    /// The bytes ahead that are held.
    var ahead: ArraySlice<UInt8> { bytes[start...] }

    /// Holds at least `wanted` bytes ahead, if the file has them; says whether it does.
    ///
    /// Packed content that is hurt ends the file there; `failure` says so.
    mutating func fill(_ wanted: Int) throws(AssayError) -> Bool {
        while count < wanted, !atEnd {
            if start > 0 {
                bytes.removeFirst(start)
                start = 0
            }
            do throws(AssayError) {
                atEnd = try !input.read(into: &bytes)
            } catch {
                guard error.code == .damaged else { throw error }
                failure = error
                atEnd = true
            }
        }
        return count >= wanted
    }

    /// Holds about twice as much as now; false if the file has no more.
    mutating func grow() throws(AssayError) -> Bool {
        let before = count
        _ = try fill(max(1 << 20, 2 * count))
        return count > before
    }

    /// Gives up bytes ahead.
    mutating func advance(_ taken: Int) {
        start += taken
        offset += taken
    }

    /// The byte at a place ahead, if it is held.
    func byte(at place: Int) -> UInt8? {
        start + place < bytes.count ? bytes[start + place] : nil
    }

    /// An error that names the file and the byte at hand, `ahead` bytes further on.
    func damaged(_ what: String, ahead: Int = 0, cause: AssayError? = nil) -> AssayError {
        let unit = input.isPacked ? " of its unpacked content" : ""
        return AssayError(
            .damaged, "\(name) \(what) at byte \(offset + ahead)\(unit)",
            hint: "keep the whole exchanges with `--salvage`", cause: cause ?? failure)
    }
}
