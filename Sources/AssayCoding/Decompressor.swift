/// Unpacks one format, piece by piece.
///
/// The bytes of a file go in as they come; `isWhole` tells at its end whether the content is.
public protocol Decompressor: AnyObject {
    /// Takes bytes from `input` and writes to `output`; gives how many of each.
    ///
    /// Gives (0, 0) only when `input` is empty. Throws what is wrong with the bytes, as a sentence.
    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> (taken: Int, made: Int)

    /// Whether the bytes so far are whole members, each with its end and its checks.
    var isWhole: Bool { get }
}

extension Decompressor {
    /// Takes bytes from `input` and fills `room` from its start; gives how many of each. As the step
    /// on buffers otherwise.
    public func step(
        _ input: ArraySlice<UInt8>, into room: inout [UInt8]
    ) throws(DecompressionFault) -> (taken: Int, made: Int) {
        let outcome: Result<(taken: Int, made: Int), DecompressionFault> =
            unsafe input.withUnsafeBytes { source in
                unsafe room.withUnsafeMutableBytes { target in
                    Result { () throws(DecompressionFault) in try unsafe step(source, target) }
                }
            }
        return try outcome.get()
    }
}

/// What is wrong with packed bytes, in the words of the library that reads them.
public struct DecompressionFault: Error {
    /// The words, as the end of a sentence.
    public let reason: String

    /// Makes a fault.
    public init(reason: String) { self.reason = reason }
}
