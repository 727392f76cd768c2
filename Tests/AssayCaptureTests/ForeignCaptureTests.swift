import AssayCore
import AssayStore
import SystemPackage
import Testing

@testable import AssayCapture

@Suite("Captures from elsewhere are what their id says")
struct ForeignCaptureTests {
    /// A manifest with the config of one capture and the index and segments of another.
    private func forged(_ config: Capture, _ layers: [Layer], _ store: Store) throws -> Capture {
        let manifest = try store.putArtifact(
            ArtifactDraft(
                artifactType: CaptureSealer.artifactType, configType: CaptureSealer.configType,
                config: try store.read(config.id), layers: layers))
        return try Capture.open(manifest: manifest, store: store)
    }

    @Test("records whose ids stand are noticed when a label or an egress call is another")
    func records() throws {
        try CaptureFormatTests.withDirectory { directory, store in
            let exchanges = (0..<8).map(CaptureFormatTests.exchange)
            let genuine = try CaptureFormatTests.seal(exchanges, directory, store)
            let changes: [(inout Exchange) -> Void] = [
                { $0.label = "no!" },
                { $0.egress[1].response[0] ^= 1 },
                { $0.endedAfter += 1 },
            ]
            for change in changes {
                var others = exchanges
                change(&others[3])
                let other = try CaptureFormatTests.seal(others, directory, store, name: "other")
                #expect(other.id != genuine.id)
                try other.verify()
                let layers = try store.artifact(other.manifest).layers
                let capture = try forged(genuine, layers, store)
                #expect(capture.id == genuine.id)
                let error = #expect(throws: AssayError.self) { try capture.verify() }
                #expect(error?.code == .digestMismatch, "\(error?.message ?? "")")
            }
        }
    }

    @Test("an index that leads elsewhere is noticed")
    func index() throws {
        try CaptureFormatTests.withDirectory { directory, store in
            let genuine = try CaptureFormatTests.seal(
                (0..<8).map(CaptureFormatTests.exchange), directory, store)
            let layers = try store.artifact(genuine.manifest).layers
            let changes: [(inout CaptureIndex.Entry) -> Void] = [
                { $0.offset += 1 }, { $0.length += 1 }, { $0.record += 1 }, { $0.segment += 1 },
                { $0.route = "GET /other" },
            ]
            for change in changes {
                var lines: [UInt8] = []
                var number = 0
                try genuine.forEachEntry { entry in
                    var entry = entry
                    if number == 5 { change(&entry) }
                    number += 1
                    CaptureIndex.append(entry, to: &lines)
                }
                let bytes = try ZstdFrame.compress(lines)
                let index = Layer(
                    mediaType: CaptureSealer.indexType, digest: try store.put(bytes),
                    size: bytes.count)
                let capture = try forged(genuine, [index] + layers.dropFirst(), store)
                let error = #expect(throws: AssayError.self) { try capture.verify() }
                #expect(error?.message.contains("the index of capture") == true)
            }
        }
    }
}
