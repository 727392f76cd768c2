import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayCapture

@Suite("Importers")
struct ImporterTests {
    @Test(
        "every sample is told by its content, and its ledger adds up", arguments: ImportSamples.all)
    func ledger(name: String, format: CaptureFormat, seen: Int, whole: Int) throws {
        #expect(try CaptureImport.sniff(ImportSamples.directory.appending(name)) == format)
        let (exchanges, losses) = try ImportSamples.read(try ImportSamples.bytes(name))
        #expect(losses.seen == seen && losses.whole == whole && losses.isBalanced, "\(losses)")
        #expect(exchanges.count == whole)
        for exchange in exchanges {
            let request = try HTTPMessage(exchange.request, role: .request)
            _ = try HTTPMessage(
                exchange.response, role: .response(toMethod: request.head.method))
            #expect(exchange.firstByteAfter <= exchange.endedAfter && exchange.startedAt >= 0)
        }
    }

    private func first(_ name: String, _ index: Int = 0) throws -> Exchange {
        try ImportSamples.read(try ImportSamples.bytes(name)).exchanges[index]
    }

    @Test(
        "an archive's message is written as HTTP/1.1, its body decoded and counted, with its times")
    func har() throws {
        let exchange = try first("sample.har")
        #expect(
            ImportSamples.text(exchange.request)
                == "POST /score?v=1 HTTP/1.1\r\nHost: svc.example\r\n"
                + "content-type: application/json\r\ncontent-length: 23\r\n\r\n"
                + "{\"id\":\"a0\",\"x\":[1,2.5]}")
        #expect(
            ImportSamples.text(exchange.response)
                == "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 7\r\n\r\n{\"y\":0}"
        )
        #expect(exchange.startedAt == 1_709_294_400_250_000_000)
        #expect(exchange.firstByteAfter == 10_500_000 && exchange.endedAfter == 12_500_000)
        let binary = try first("sample.har", 2)
        #expect(binary.response.suffix(3).elementsEqual([0x89, 0x00, 0xFF]))
    }

    @Test("cassettes with text, binary, parsed and Ruby's bodies give the bytes that they hold")
    func cassettes() throws {
        let text = try first("vcrpy.yaml")
        #expect(
            ImportSamples.text(text.request).hasPrefix(
                "POST /score HTTP/1.1\r\nHost: svc.example:8080\r\n"))
        #expect(text.startedAt == 1_709_294_400_000_000_000)
        let packed = try first("vcrpy.yaml", 1)
        let message = try HTTPMessage(packed.response, role: .response(toMethod: "GET"))
        #expect(message.head["content-encoding"] == "gzip")
        #expect(ContentCoding.decoded(message) == Array("{\"y\":1}".utf8))
        let parsed = try first("parsed.yaml")
        let body = try HTTPMessage(parsed.request, role: .request).body
        #expect(
            ImportSamples.text(Array(body))
                == "{\"id\":\"a0\",\"x\":[1,2.5],\"flag\":true,\"none\":null,\"code\":\"007\"}")
        let answer = try HTTPMessage(parsed.response, role: .response(toMethod: "POST"))
        #expect(answer.head["content-encoding"] == nil)
        let ruby = try first("ruby.yaml")
        #expect(ImportSamples.text(ruby.request).hasPrefix("GET /score HTTP/1.1\r\n"))
        #expect(ruby.response.suffix(3).elementsEqual("yes".utf8))
    }

    @Test("events without path, status or latency say what was supposed")
    func supposed() throws {
        let (exchanges, losses) = try ImportSamples.read(
            try ImportSamples.bytes("sagemaker.jsonl"), options: ImportOptions(target: "/mine"))
        #expect(ImportSamples.text(exchanges[0].request).hasPrefix("POST /mine HTTP/1.1\r\n"))
        #expect(exchanges[1].request.suffix(2).elementsEqual([0, 1]))
        #expect(exchanges.map(\.key) == ["i0", "i1"])
        #expect(losses.notes[SageMakerImport.noPacing] == 2)
        #expect(losses.reasons == ["a request without a response": 1])
    }

    @Test("events of request and response are joined in either order")
    func events() throws {
        let exchange = try first("kserve.jsonl", 1)
        #expect(
            ImportSamples.text(exchange.request).hasPrefix("POST /v1/models/iris:predict HTTP/1.1"))
        #expect(exchange.key == "id-1" && exchange.firstByteAfter == 100_000_000)
        #expect(exchange.response.suffix(20).elementsEqual("{\"predictions\": [1]}".utf8))
        let binary = try first("kserve.http")
        #expect(binary.response == exchange.response)
    }

    @Test("records are joined by what they name, and by following one another")
    func records() throws {
        let (exchanges, losses) = try ImportSamples.read(try ImportSamples.bytes("foreign.warc"))
        #expect(
            exchanges.map { ImportSamples.text($0.request.prefix(10).map { $0 }) } == [
                "GET /score", "GET /other",
            ])
        #expect(
            ImportSamples.text(exchanges[1].response)
                == "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"y\":1}")
        #expect(losses.reasons == ["a record of type dns": 1])
    }

    @Test("flows keep their content in its encoding, without the chunks")
    func flows() throws {
        let exchange = try first("flows.mitm")
        let request = try HTTPMessage(exchange.request, role: .request)
        #expect(request.head["host"] == "svc.example:8443")
        #expect(request.head["transfer-encoding"] == nil)
        let response = try HTTPMessage(exchange.response, role: .response(toMethod: "POST"))
        #expect(ContentCoding.decoded(response) == Array("{\"y\":0}".utf8))
        #expect(exchange.startedAt == 1_709_294_400_250_000_000)
        #expect(exchange.firstByteAfter == 50_000_000 && exchange.endedAfter == 100_000_000)
    }

    @Test("logs of predictions become calls of the REST interface, whichever way a tensor is held")
    func predictions() throws {
        for (index, name) in ["[\"a\"]", "[{\"b64\":\"Yf9i\"}]"].enumerated() {
            let exchange = try first("prediction.tfrecord", index)
            let request = try HTTPMessage(exchange.request, role: .request)
            #expect(request.head.target == "/v1/models/iris/versions/3:predict")
            #expect(
                ImportSamples.text(Array(request.body))
                    == "{\"signature_name\":\"serving_default\",\"inputs\":{\"name\":\(name),"
                    + "\"x\":[[6.8,2.8,4.8,1.4]]}}")
            #expect(exchange.response.suffix(15).elementsEqual("{\"outputs\":[\(index)]}".utf8))
        }
    }

    @Test("traces come whole and in segments, and a body that was cut is refused")
    func traces() throws {
        let (exchanges, losses) = try ImportSamples.read(try ImportSamples.bytes("tap.json"))
        #expect(exchanges[1].response.suffix(7).elementsEqual("{\"y\":2}".utf8))
        #expect(losses.reasons == ["a body was cut by the tap": 1])
    }

    @Test("a content that is of no format names those that were tried")
    func unknown() throws {
        for text in ["hello", "{\"a\": 1}", "\u{1}\u{2}"] {
            let error = #expect(throws: AssayError.self) {
                _ = try ImportSamples.read(Array(text.utf8))
            }
            #expect(error?.code == .unsupported)
            let names = CaptureFormat.allCases.map(\.rawValue).joined(separator: ", ")
            #expect(error?.message.contains(names) == true)
        }
    }

    @Test("a format that is forced on another's file is an error with the byte offset")
    func forced() throws {
        for (name, format, _, _) in ImportSamples.all {
            for other in CaptureFormat.allCases where other != format {
                // Lines of JSON are lines of JSON: what they hold is counted as unsupported.
                do {
                    let (exchanges, losses) = try ImportSamples.read(
                        try ImportSamples.bytes(name), as: other)
                    #expect(exchanges.isEmpty && losses.isBalanced, "\(name) as \(other)")
                } catch let error as AssayError {
                    #expect(error.message.contains("byte"), "\(name) as \(other): \(error)")
                }
            }
        }
    }

    @Test(
        "files of a directory, of a pattern and of a tar archive are found in the order of their names"
    )
    func files() throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-import-test-")
        let deep = directory.path.appending("a/b")
        try FileSystem.makeDirectory(deep)
        for name in ["a/2.har", "a/b/1.har", "a/3.txt"] {
            try OpenFile.creating(directory.path.appending(name)).write(Array("x".utf8))
        }
        func names(_ patterns: String...) throws -> [String] {
            try ImportFiles.expand(patterns.map { directory.path.appending($0).string })
                .map { String($0.string.dropFirst(directory.path.string.count + 1)) }
        }
        #expect(try names("a") == ["a/2.har", "a/3.txt", "a/b/1.har"])
        #expect(try names("a/*.har") == ["a/2.har"])
        #expect(try names("a/**/*.har", "a/3.txt") == ["a/2.har", "a/b/1.har", "a/3.txt"])
        #expect(throws: AssayError.self) { try names("a/*.none") }
        #expect(throws: AssayError.self) { try names("none") }
    }
}
