import AssayCore
import Testing

@testable import AssayComparison

@Suite("bodies that are shown")
struct ReadableBodyTests {
    private func read(_ headers: [(String, String)], _ body: [UInt8]) throws -> (String, String?) {
        let found = try ReadableBody(
            Answer(status: 200, headers: headers.map { ($0.0, $0.1) }, body: body))
        return (String(decoding: found.bytes, as: UTF8.self), found.note)
    }

    @Test("content encodings are undone, and a note says so")
    func encodings() throws {
        let plain = Array(#"{"a":1}"#.utf8)
        for (name, packed) in [
            ("gzip", Encoders.deflate(plain, windowBits: 31)), ("zstd", Encoders.zstd(plain)),
            ("br", Encoders.brotli(plain)), ("deflate", Encoders.deflate(plain, windowBits: 15)),
        ] {
            let (text, note) = try read([("content-encoding", name)], packed)
            #expect(text == #"{"a":1}"#, "\(name)")
            #expect(note == "\(name) undone: \(packed.count) bytes were sent, of 7")
        }
        let (text, note) = try read([("content-encoding", "gzip")], Array("no".utf8))
        #expect(text == "no")
        #expect(note?.hasPrefix("the body is shown as it was sent: could not undo") == true)
    }

    @Test("bodies with places are shown as the document whose places differences name")
    func places() throws {
        let (events, note) = try read(
            [("content-type", "text/event-stream")], Array("event: t\ndata: {\"x\":1}\n\n".utf8))
        #expect(events.contains(#""data":{"x":1}"#))
        #expect(note == "a stream of events, shown by the places that are compared")
        let lines = try read([("content-type", "application/x-ndjson")], Array("1\n2\n".utf8))
        #expect(lines.0.filter { $0 != " " } == "[1,2]")
        let table = try read(
            [("content-type", "text/csv;header=present")], Array("n\r\n1\r\n".utf8))
        #expect(table.0.contains(#""n":1"#))
        let header =
            #"{"outputs":[{"name":"o","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}]}"#
        let tensors = try read(
            [("Inference-Header-Content-Length", String(header.utf8.count))],
            Array(header.utf8) + [0, 0, 0x80, 0x3F])
        #expect(tensors.0.contains(#""data":[1"#), "\(tensors.0)")
        #expect(tensors.1 == "tensors behind a JSON header, shown by the places that are compared")
    }

    @Test("what is not of its type is shown as it is")
    func others() throws {
        let table = try read([("inference-header-content-length", "9")], Array("{}".utf8))
        #expect(table.0 == "{}")
        #expect(table.1 == "the body is not tensors behind a JSON header, as its type says")
        #expect(try read([], Array("plain".utf8)) == ("plain", nil))
    }
}
