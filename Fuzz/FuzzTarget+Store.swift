import AssayCore
import AssaySystem
import Glibc
import SystemPackage

@testable import AssayStore

extension FuzzTarget {
    static let store = [
        FuzzTarget(name: "map") { (bytes) throws(AssayError) in
            let map = try FileMap(parsing: bytes, name: "map", segments: segments)
            for file in map.files {
                precondition(FileMap.isSafe(file.path))
                precondition(file.extents.reduce(0) { $0 + $1.length } == file.size)
            }
            let again = reading { () throws(AssayError) in
                try FileMap(parsing: map.bytes, name: "again", segments: segments)
            }
            precondition(again == map)
        },
        FuzzTarget(name: "manifest") { (bytes) throws(AssayError) in
            let manifest = try Manifest(parsing: bytes, name: "manifest")
            precondition(manifest.layers.allSatisfy { $0.size >= 0 })
            let written = manifest.bytes
            let again = reading { () throws(AssayError) in
                try Manifest(parsing: written, name: "again")
            }
            precondition(again.bytes == written)
        },
        FuzzTarget(name: "ref") { bytes in
            guard let ref = Ref(line: String(decoding: bytes, as: UTF8.self)) else { return }
            precondition(Array(ref.line.utf8) == bytes && ref.sequence > 0)
        },
        FuzzTarget(name: "log") { bytes in
            let content = RefLog.parse(bytes, name: "log")
            precondition(content.last.count <= content.changes.count)
        },
        FuzzTarget(name: "lease") { (bytes) throws(AssayError) in
            _ = try LeaseFile.parse(bytes, name: "lease")
        },
        FuzzTarget(name: "tar") { (bytes) throws(AssayError) in
            try inputFile.withPath(of: bytes) { (path) throws(AssayError) in
                for place in try TarIndex.read(path).values {
                    precondition(place.offset >= 512 && place.size >= 0)
                    precondition(place.size <= bytes.count - place.offset)
                }
            }
        },
        FuzzTarget(name: "safetensors") { bytes in
            for size in [bytes.count, bytes.count + (8 << 20)] {
                guard let count = SafetensorsHeader.size(bytes, fileSize: size),
                    count <= bytes.count
                else { continue }
                let header = Array(bytes[..<count])
                hold(SafetensorsHeader.layout(header, fileSize: size), size)
            }
        },
        FuzzTarget(name: "gguf") { bytes in
            for size in [bytes.count, bytes.count + (8 << 20)] {
                guard case .layout(let layout) = GGUFHeader.read(bytes, fileSize: size) else {
                    continue
                }
                hold(layout, size)
            }
        },
    ]

    /// The segments that the seeds of `map` name.
    private static let segments: [Digest: Int] = {
        // The script runs the program at the top of the repository.
        let path: FilePath = "Fuzz/Seeds/manifest/plain"
        do throws(AssayError) {
            let manifest = try Manifest(
                parsing: try FileSystem.read(path), name: "the manifest of the seeds")
            return Dictionary(
                manifest.layers.map { ($0.digest, $0.size) }, uniquingKeysWith: { $1 })
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// The cuts of a layout grow and end with the file.
    private static func hold(_ layout: TensorLayout?, _ size: Int) {
        guard let layout else { return }
        let cuts = layout.cuts()
        precondition(cuts.last == size && cuts.count <= TensorLayout.maximumSegments)
        precondition(zip(cuts, cuts.dropFirst()).allSatisfy { $0 < $1 })
    }

    private static let inputFile = InputFile()
}

/// A file for parsers that read one.
private struct InputFile {
    private let path = FilePath("/tmp/assay-fuzz-\(getpid())")

    func withPath(
        of bytes: [UInt8], _ body: (FilePath) throws(AssayError) -> Void
    ) throws(AssayError) {
        do {
            let file = try OpenFile.open(path, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
            try file.write(bytes)
        }
        let result = Result { () throws(AssayError) in try body(path) }
        try FileSystem.remove(path)
        try result.get()
    }
}
