import AssayCore
import AssayStore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayCapture

@Suite("Layouts of captures")
struct CaptureLayoutTests {
    @Test("an index or a segment of a layout that is not known is refused with both names")
    func mediaTypes() throws {
        try CaptureFormatTests.withDirectory { directory, store in
            let capture = try CaptureFormatTests.seal(CaptureFormatTests.plain, directory, store)
            let artifact = try store.artifact(capture.manifest)
            for place in artifact.layers.indices {
                var layers = artifact.layers
                let old = layers[place]
                let type = old.mediaType.replacing(".v1", with: ".v9")
                layers[place] = Layer(mediaType: type, digest: old.digest, size: old.size)
                let manifest = try store.putArtifact(
                    ArtifactDraft(
                        artifactType: artifact.artifactType, configType: CaptureSealer.configType,
                        config: artifact.config, layers: layers))
                let error = #expect(throws: AssayError.self) {
                    try Capture.open(manifest: manifest, store: store)
                }
                #expect(error?.code == .unsupported)
                #expect(error?.message.contains(type) == true)
                #expect(error?.message.contains(old.mediaType) == true)
            }
            #expect(artifact.layers.count == 2)
        }
    }

    @Test("the layout of a file is told by its first record")
    func files() throws {
        try CaptureFormatTests.withDirectory { directory, store in
            let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
                .removingLastComponent()
            var frames = try FrameReader(
                path: root.appending("fixtures/flights/capture/core.warc.zst"))
            var decoder = ExchangeDecoder(try #require(try frames.next()).content)
            guard case .bare = try CaptureFileLayout(of: &decoder, path: "flights") else {
                Issue.record("the flights have a summary")
                return
            }
            #expect(try decoder.next() != nil)

            let capture = try CaptureFormatTests.seal(CaptureFormatTests.plain, directory, store)
            let file = directory.appending("c.warc.zst")
            try capture.export(to: file)
            var described = try FrameReader(path: file)
            let content = try #require(try described.next()).content
            decoder = ExchangeDecoder(content)
            guard case .described(let summary) = try CaptureFileLayout(of: &decoder, path: file)
            else {
                Issue.record("an exported file has no summary")
                return
            }
            #expect(summary == capture.summary)

            let text = String(decoding: content, as: UTF8.self)
            for (old, new, words) in [
                ("assay/capture/v1", "assay/capture/v2", "assay/capture/v2"),
                ("{\"bundles\"", "+\"bundles\"", "another program"),
            ] {
                #expect(text.contains(old))
                decoder = ExchangeDecoder(Array(text.replacing(old, with: new).utf8))
                let error = #expect(throws: AssayError.self) {
                    try CaptureFileLayout(of: &decoder, path: file)
                }
                #expect(error?.code == .unsupported)
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test(
        "what is no format is refused with what was seen and what could be",
        arguments: [
            (Array("{\"lag\": {}}\n".utf8), "`{\"lag\": {}}`"),
            ([0x50, 0x4B, 3, 4, 0, 0, 0, 0, 9], "the bytes 50 4b 03 04 00 00 00 00"),
        ])
    func unknown(_ bytes: [UInt8], words: String) throws {
        try CaptureFormatTests.withDirectory { directory, _ in
            let file = directory.appending("x")
            try FileSystem.replace(file, with: bytes)
            let error = #expect(throws: AssayError.self) { try CaptureImport.sniff(file) }
            #expect(error?.code == .unsupported)
            for part in [words, "warc.zst", "gor"] {
                #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test("an empty file is said to be empty, whatever format is named")
    func empty() throws {
        try CaptureFormatTests.withDirectory { directory, _ in
            for format in [nil] + CaptureFormat.allCases {
                var journal = try CaptureJournal(at: directory.appending("journal"))
                do throws(AssayError) {
                    _ = try CaptureImport.read("/dev/null", format: format, into: &journal)
                    Issue.record("nothing was thrown")
                } catch {
                    #expect(error.message == "could not import /dev/null: it is empty")
                    #expect(error.code == .invalidDocument)
                }
            }
        }
    }
}
