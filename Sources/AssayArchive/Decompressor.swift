import AssayCore

/// Unpacks one format, piece by piece.
///
/// The bytes of a file go in as they come; `isWhole` tells at its end whether the content is.
protocol Decompressor: AnyObject {
    /// Takes bytes from `input` and writes to `output`; gives how many of each.
    ///
    /// Gives (0, 0) only when `input` is empty. Throws what is wrong with the bytes, as a sentence.
    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> (taken: Int, made: Int)

    /// Whether the bytes so far are whole members, each with its end and its checks.
    var isWhole: Bool { get }
}

/// What is wrong with packed bytes, in the words of the library that reads them.
struct DecompressionFault: Error {
    let reason: String
}
