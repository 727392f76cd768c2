import AssayCore
import AssayEnvironment
import AssayStore
import Testing

@testable import AssayBundling

enum Example {
    /// A definition with every section in it.
    static let service = """
        schema: assay/service/v1
        name: flight-delay
        code: {include: ["service/**", "config/**"], exclude: ["**/*.pyc"]}
        data:
          - {name: train, path: data/train.csv.gz, kind: table}
          - {name: reference, uri: "s3://bucket/x", digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
        features: [config/features.yaml]
        weights: [{name: model, path: model/model.txt}]
        environment:
          kind: venv
          python: "3.11"
          lock: requirements.lock
          variables: {TZ: UTC, OMP_NUM_THREADS: "1", PYTHONHASHSEED: "0"}
          secrets: [FEATURE_STORE_TOKEN]
        serve:
          command: ["{python}", "-m", "service.app", "--port", "{port}"]
          ready: {http: /healthz, timeout: 30s}
          egress: [{name: weather, variable: WEATHER_URL}]
        capture:
          session: {header: X-Aircraft}
          trace: {header: traceparent}
          key: {pointer: /flight_id}
          routes: [{route: "POST /predict"}, {route: "POST /train", replayable: false}]
          slices: [{name: carrier, pointer: /carrier}, {name: site, cookie: site}]

        """

    static func parse(_ text: String) throws(AssayError) -> ServiceDefinition {
        try ServiceDefinition.parse(Array(text.utf8), file: "assay.yaml")
    }
}

@Suite("assay.yaml")
struct ServiceDefinitionTests {
    @Test("every section is read")
    func whole() throws {
        let service = try Example.parse(Example.service)
        #expect(service.name == "flight-delay")
        #expect(service.code.selects("service/app.py"))
        #expect(!service.code.selects("service/x.pyc"))
        #expect(service.data.map(\.name) == ["reference", "train"])
        #expect(service.data[1].path == "data/train.csv.gz")
        #expect(service.data[1].kind == "table")
        #expect(service.features == ["config/features.yaml"])
        #expect(service.weights.map(\.path) == ["model/model.txt"])
        #expect(service.environment.kind == .venv)
        #expect(service.environment.python?.description == "3.11")
        #expect(service.environment.variables["OMP_NUM_THREADS"] == "1")
        #expect(service.environment.secrets == ["FEATURE_STORE_TOKEN"])
        #expect(
            service.serve.command == ["{python}", "-m", "service.app", "--port", "{port}"])
        #expect(service.serve.ready == .http(path: "/healthz"))
        #expect(service.serve.timeout == .seconds(30))
        #expect(service.serve.egress.map(\.variable) == ["WEATHER_URL"])
        #expect(service.capture.session == .header("x-aircraft"))
        #expect(service.capture.key == .pointer("/flight_id"))
        #expect(service.capture.routes.map(\.isReplayable) == [true, false])
        #expect(service.capture.slices.map(\.source) == [.pointer("/carrier"), .cookie("site")])
    }

    @Test("an item may ask to be stored finely, which is no part of what it is")
    func fine() throws {
        let text = Example.service.replacing("kind: table}", with: "kind: table, fine: true}")
        let service = try Example.parse(text)
        #expect(service.data.first { $0.name == "train" }?.grain == .fine)
        #expect(service.grain(of: "data/train.csv.gz") == .fine)
        #expect(service.grain(of: "model/model.txt") == .standard)
        let plain = Example.service.replacing("kind: table}", with: "kind: table, fine: false}")
        #expect(try Example.parse(plain) == Example.parse(Example.service))
        let elsewhere = Example.service.replacing(
            "name: reference,", with: "name: reference, fine: true,")
        #expect(throws: AssayError.self) { try Example.parse(elsewhere) }
        let number = Example.service.replacing("kind: table}", with: "kind: table, fine: 1}")
        #expect(throws: AssayError.self) { try Example.parse(number) }
    }

    @Test("what is not needed may be left out")
    func minimal() throws {
        let service = try Example.parse(
            """
            schema: assay/service/v1
            name: tiny
            code: {include: ["**"]}
            environment: {kind: host}
            serve: {command: [./serve, "{port}"], ready: {tcp: true}}
            """)
        #expect(service.data.isEmpty && service.weights.isEmpty && service.features.isEmpty)
        #expect(service.serve.ready == .tcp)
        #expect(service.capture == .none)
    }

    /// A change of one line of the example, where the error is, and words of it.
    static let faults: [(name: String, old: String, new: String, at: String, says: String)] = [
        ("an unknown section", "features: [", "feature: [", "7:1", "features"),
        ("another schema", "service/v1", "service/v2", "1:9", "schema"),
        ("no name", "name: flight-delay\n", "", "1:1", "name"),
        ("a name with a slash", "flight-delay", "flight/delay", "2:7", "name"),
        ("a name in capitals", "flight-delay", "Flight", "2:7", "name"),
        ("code without pattern", "[\"service/**\", \"config/**\"]", "[]", "3:17", "no pattern"),
        ("a pattern that leads out", "\"config/**\"", "\"../x/**\"", "3:32", "`..`"),
        (
            "an absolute path", "path: data/train.csv.gz", "path: /data/train.csv.gz", "5:25",
            "absolute"
        ),
        ("a path that leads out", "data/train.csv.gz", "data/../../x", "5:25", "`..`"),
        ("a path into git's directory", "data/train.csv.gz", ".git/config", "5:25", ".git"),
        ("a kind that is none", "kind: table", "kind: tabel", "5:50", "table"),
        (
            "a path and a digest", "path: data/train.csv.gz, kind: table",
            "path: data/t, digest: x", "5:41", "either"
        ),
        (
            "a uri without digest",
            ", digest: \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"",
            "", "6:28", "digest"
        ),
        ("a digest too short", "sha256:00", "sha256:0", "6:53", "not a digest"),
        ("two items of one name", "name: reference", "name: train", "6:12", "two items"),
        ("a file of two components", "model/model.txt", "data/train.csv.gz", "1:1", "overlap"),
        ("weights beneath data", "model/model.txt", "data/train.csv.gz/x", "1:1", "overlap"),
        ("an own file as data", "model/model.txt", "gate.yaml", "1:1", "gate.yaml"),
        ("a kind of environment that is none", "kind: venv", "kind: vnev", "10:9", "venv"),
        ("an old Python", "\"3.11\"", "\"2.7\"", "11:11", "version of Python"),
        ("no lock", "  lock: requirements.lock\n", "", "10:3", "lock"),
        (
            "an image for a venv", "  lock: requirements.lock\n", "  lock: a\n  image: b\n",
            "13:10", "image"
        ),
        ("a variable with a dash", "TZ: UTC", "T-Z: UTC", "13:20", "variable"),
        ("a secret that has a value", "[FEATURE_STORE_TOKEN]", "[TZ]", "14:13", "as well"),
        ("a secret twice", "[FEATURE_STORE_TOKEN]", "[A, A]", "14:16", "twice"),
        ("a command without port", "\"{port}\"", "\"80\"", "16:12", "{port}"),
        ("a misspelt placeholder", "{python}", "{pyhton}", "16:13", "{python}"),
        ("an absolute program", "\"{python}\"", "/usr/bin/python3", "16:12", "absolute"),
        (
            "two ways to be ready", "{http: /healthz,", "{http: /healthz, tcp: true,", "17:10",
            "one of"
        ),
        ("a time without unit", "timeout: 30s", "timeout: 30", "17:36", "30s"),
        ("a ready path without slash", "/healthz", "healthz", "17:17", "path"),
        (
            "two egresses with one variable", "variable: WEATHER_URL}",
            "variable: W}, {name: b, variable: W}", "18:62", "two egresses"
        ),
        (
            "two places of a session", "{header: X-Aircraft}", "{header: X, cookie: y}", "20:12",
            "one of"
        ),
        (
            "a pointer without slash", "pointer: /flight_id", "pointer: flight_id", "22:18",
            "JSON Pointer"
        ),
        ("a route without method", "\"POST /train\"", "\"/train\"", "23:46", "not a route"),
        ("a route in small letters", "\"POST /train\"", "\"post /train\"", "23:46", "not a route"),
        ("a route twice", "POST /train", "POST /predict", "23:46", "twice"),
        ("a slice twice", "name: site", "name: carrier", "24:55", "two slices"),
        ("a key twice", "name: flight-delay\n", "name: a\nname: b\n", "2:1", "name"),
        (
            "a kept field that answers depend on", "slices: [",
            "redact: [{header: a, as: keep, answer_depends: true}]\n  slices: [", "24:50", "is kept"
        ),
        (
            "a field of a body put back", "slices: [",
            "redact: [{pointer: /a, at_replay: {secret: A}}]\n  slices: [", "24:37", "put back"
        ),
        (
            "a dropped pair put back", "slices: [",
            "redact: [{query: a, as: drop, at_replay: {secret: A}}]\n  slices: [", "24:44",
            "as: mask"
        ),
        (
            "a secret that is no variable", "slices: [",
            "redact: [{header: a, at_replay: {secret: a-b}}]\n  slices: [", "24:44",
            "environment variable"
        ),
        (
            "a retention without unit", "slices: [", "retention: 90\n  slices: [", "24:14", "90d"
        ),
        ("a list where a map is", "{header: X-Aircraft}", "[a]", "20:12", "map"),
    ]

    @Test("a fault is named with its line and column", arguments: faults.indices)
    func faulty(_ index: Int) {
        let fault = Self.faults[index]
        #expect(Example.service.contains(fault.old), "\(fault.name): the example has changed")
        let error = #expect(throws: AssayError.self) {
            try Example.parse(Example.service.replacing(fault.old, with: fault.new))
        }
        guard let error else { return }
        #expect(
            error.location.map { "\($0)" } == "assay.yaml:\(fault.at)", "\(fault.name): \(error)")
        #expect("\(error) \(error.hint ?? "")".contains(fault.says), "\(fault.name): \(error)")
    }

    @Test("no cut of the file crashes the parser")
    func truncations() {
        for length in stride(from: 0, to: Example.service.utf8.count, by: 7) {
            do {
                _ = try ServiceDefinition.parse(
                    Array(Example.service.utf8.prefix(length)), file: "x")
            } catch {
                #expect(error.code == .invalidDocument || error.code == .usage, "\(error)")
            }
        }
    }
}
