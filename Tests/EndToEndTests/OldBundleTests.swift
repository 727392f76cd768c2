import AssayCore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

@Suite("Old bundles")
struct OldBundleTests {
    @Test(
        "a bundle promoted long ago still runs, after its weights, its caches and garbage are gone")
    func oldBundle() async throws {
        let service = try await ServiceRepository.make()
        try await service.promoteToProd()
        let old = try #require(
            try await service.expect(0, "bundle", "list", "--json").output
                .firstMatch(of: /"id":"(?:sha256:)?([0-9a-f]{64})"/)
        ).output.1
        // The same answers from other weights, twice, each promoted over the one before.
        for number in 1...2 {
            try service.write(
                "weights/weights.json", "{\"bias\": 1.5, \"slope\": 0.25, \"run\": \(number)}")
            try await service.expect(0, "track", "weights/weights.json")
            try await service.commit("weights \(number)")
            for stage in ["dev", "prod"] {
                try await service.expect(0, "gate", "--to", stage, "--confirm", "1")
                try await service.expect(0, "promote", "--to", stage)
            }
        }
        try await service.expect(0, "store", "gc", "--apply", "--grace", "0", "--trash", "0")
        try FileSystem.removeTree(service.path.appending(".assay/store/cache"))
        try FileSystem.remove(service.path.appending("weights/weights.json"))
        try await service.expect(0, "bundle", "verify", String(old))

        let port = try await RecordingTests.freePort(in: service.path)
        let program = try RunningProgram(
            Program.assay.string, ["bundle", "run", String(old.prefix(12)), "--port", "\(port)"],
            in: service.path)
        defer { program.stop() }
        _ = try #require(program.line(containing: "is ready on"), "\(program.said)")
        let ask = """
            import json, urllib.request
            body = json.dumps({"id": "a", "amount": 40.0}).encode()
            request = urllib.request.Request("http://127.0.0.1:\(port)/score", data=body)
            print(json.load(urllib.request.urlopen(request))["score"])
            """
        let answer = try await Program.run(.name("python3"), ["-c", ask], in: service.path)
        #expect(answer.output == "11.5\n", "\(answer.errors)")
        #expect(program.interrupt() == 130)
    }

    @Test("a feature file with the same values in another form is no change for `when`")
    func formalChange() async throws {
        let service = try await ServiceRepository.make()
        try service.write(
            "gate.yaml",
            ServiceRepository.policy.replacing(
                "  - {id: errors,",
                with: """
                      - {id: features, kind: response, on: core, when: {changed: [features]},
                         limit: {max: 0 requests}}
                      - {id: errors,
                    """))
        try await service.commit("a check for features")
        try await service.promoteToProd()
        func gate(_ text: String, _ status: Int32) async throws -> JSONReader {
            try service.write("config/model.json", text)
            try await service.commit("features")
            let told = try await service.expect(
                status, "gate", "--to", "dev", "--confirm", "2", "--json")
            return JSONReader(
                try JSONParser.parse(Array(told.output.utf8), file: "verdict"), document: "verdict")
        }
        func outcome(_ verdict: JSONReader) throws -> String? {
            let judgement = verdict["predicate"]["judgement"]
            let checks = try judgement["checks"].elements()
            let check = try checks.first { try $0["id"].string() == "features" }
            return try check?["outcome"].string()
        }
        let formal = try await gate("{\n  \"threshold\" :  10\n}\n", 0)
        #expect(try outcome(formal) == "not_applicable")
        #expect(
            try formal["predicate"]["judgement"]["changes"]["features"].string()
                == "config/model.json: only its form changed, every value is equal")
        #expect(try outcome(try await gate("{\"threshold\": 10.5}", 1)) == "fail")
    }
}
