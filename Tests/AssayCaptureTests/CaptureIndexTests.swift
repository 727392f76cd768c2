import AssayCore
import AssayStore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayCapture

@Suite("The index of a capture")
struct CaptureIndexTests {
    /// A capture of 50 exchanges whose index has several frames.
    private static func with(_ body: (Capture, Store) throws -> Void) throws {
        try CaptureFormatTests.withDirectory { directory, store in
            let path = directory.appending("journal")
            var journal = try CaptureJournal(at: path)
            for number in 0..<50 { try journal.append(CaptureFormatTests.exchange(number)) }
            try journal.finish()
            var sealer = CaptureSealer(store: store)
            sealer.indexFrameSize = 500
            try body(try sealer.seal(path, as: "c").capture, store)
        }
    }

    private static func replace(_ blob: FilePath, with bytes: [UInt8]?) throws {
        try FileSystem.remove(blob)
        if let bytes { try FileSystem.replace(blob, with: bytes) }
    }

    @Test("an index of several frames names every exchange once, in order")
    func frames() throws {
        try Self.with { capture, store in
            let bytes = try store.read(capture.index.digest)
            let first = try #require(try ZstdFrame.size(at: bytes[...]))
            #expect(first < bytes.count / 3)
            let outline = try capture.outline()
            var ids: [String] = []
            try capture.forEach { ids.append($0.id) }
            #expect(outline.map(\.id) == ids && ids.count == 50)
            #expect(try capture.exchange(ids[49]).id == ids[49])
            try capture.verify()
        }
    }

    @Test(
        "an index or a segment that is gone, cut between two frames, or changed is damage with a hint"
    )
    func damage() throws {
        try Self.with { capture, store in
            let segment = try #require(capture.segments.first)
            for (blob, readsAll) in [(capture.index, false), (segment, true)] {
                let path = store.blobPath(blob.digest)
                let bytes = try FileSystem.read(path)
                let first = try #require(try ZstdFrame.size(at: bytes[...]))
                var turned = bytes
                turned[bytes.count - 6] ^= 1
                let cut = Array(bytes[..<(readsAll ? bytes.count - 1 : first)])
                for other in [nil, cut, turned, bytes + [0]] {
                    try Self.replace(path, with: other)
                    let error = #expect(throws: AssayError.self) {
                        if readsAll {
                            try capture.forEach { _ in }
                        } else {
                            _ = try capture.outline()
                        }
                    }
                    #expect(error?.code == .damaged, "\(String(describing: error))")
                    #expect(error?.hint?.contains("assay store fsck") == true)
                    #expect(throws: AssayError.self) { try capture.verify() }
                }
                try Self.replace(path, with: bytes)
                try capture.verify()
            }
        }
    }
}
