import AssayCoding
public import AssayCore
import AssaySystem
public import SystemPackage

/// The bytes of a file in order, unpacked as they are read if it is gzip, zstd or xz.
///
/// What is packed is told by its first bytes, not by its name. Flat in memory. Reading to the end
/// checks all that the format can check: a file that is cut short never looks like a shorter one.
public struct UnpackedStream: ~Copyable {
    /// How the file is packed.
    public let packing: Packing
    /// The size of the file as it is.
    public let packedSize: Int

    private let file: OpenFile
    private let path: FilePath
    private let decompressor: (any Decompressor)?
    private var input: [UInt8]
    private var position = 0
    private var filled: Int

    private static let step = 1 << 18

    /// Opens a file. Throws `.notFound` if there is none.
    public init(_ path: FilePath) throws(AssayError) {
        let file = try OpenFile.reading(path)
        let size = try file.status().size
        // A pipe may give little at once, and the magic needs six bytes.
        var chunk = [UInt8](repeating: 0, count: Self.step)
        var start: [UInt8] = []
        while start.count < 6 {
            let count = try file.readChunk(&chunk)
            if count == 0 { break }
            start += chunk[..<count]
        }
        let packing = Packing(magic: start[...])
        let decompressor: (any Decompressor)?
        do throws(DecompressionFault) {
            switch packing {
            case .none: decompressor = nil
            case .gzip: decompressor = try ZlibDecompressor(.gzip)
            case .zstd: decompressor = try ZstdDecompressor()
            case .xz: decompressor = try XZDecompressor()
            }
        } catch {
            throw AssayError(.limit, "could not read \(path): \(error.reason)")
        }
        filled = start.count
        input = start + [UInt8](repeating: 0, count: max(0, Self.step - start.count))
        packedSize = size
        self.path = path
        self.packing = packing
        self.decompressor = decompressor
        self.file = file
    }

    /// Fills `output` from its start with the next bytes; gives how many, 0 at the end.
    ///
    /// Throws `.damaged` for packed content that is hurt or cut short.
    public mutating func read(
        into output: UnsafeMutableRawBufferPointer
    ) throws(AssayError) -> Int {
        while true {
            if position == filled {
                filled = try file.readChunk(&input)
                position = 0
                if filled == 0 { return try end(output) }
            }
            let (taken, made) = try unsafe step(output)
            position += taken
            if made > 0 { return made }
            guard taken > 0 else {
                throw AssayError(.damaged, "could not unpack \(path): it does not go on")
            }
        }
    }

    /// Fills `chunk` from its start with the next bytes; gives how many, 0 at the end.
    public mutating func readChunk(_ chunk: inout [UInt8]) throws(AssayError) -> Int {
        var outcome: Result<Int, AssayError> = .success(0)
        unsafe chunk.withUnsafeMutableBytes { buffer in
            do throws(AssayError) {
                outcome = .success(try unsafe read(into: buffer))
            } catch {
                outcome = .failure(error)
            }
        }
        return try outcome.get()
    }

    /// What a decompressor still holds when the file has ended, then the check that it is whole.
    private mutating func end(_ output: UnsafeMutableRawBufferPointer) throws(AssayError) -> Int {
        let (_, made) = try unsafe step(output)
        if made > 0 { return made }
        guard decompressor?.isWhole != false else {
            throw AssayError(
                .damaged, "\(path) is cut short: its \(packing.rawValue) content has no end")
        }
        return 0
    }

    private mutating func step(
        _ output: UnsafeMutableRawBufferPointer
    ) throws(AssayError) -> (taken: Int, made: Int) {
        var outcome: Result<(taken: Int, made: Int), DecompressionFault> = .success((0, 0))
        unsafe input.withUnsafeBytes { whole in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: whole[position..<filled])
            do throws(DecompressionFault) {
                guard let decompressor else {
                    let count = min(rest.count, output.count)
                    unsafe output.copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
                    outcome = .success((count, count))
                    return
                }
                if decompressor.isWhole, rest.isEmpty { return }
                outcome = .success(try unsafe decompressor.step(rest, output))
            } catch {
                outcome = .failure(error)
            }
        }
        switch outcome {
        case .success(let done): return done
        case .failure(let fault):
            throw AssayError(.damaged, "could not unpack \(path): \(fault.reason)")
        }
    }
}
