import AssayCore
import AssayEnvironment
import AssayStore
import Testing

@testable import AssayBundling

@Suite("names of images")
struct ImageNameTests {
    private static let digest = "sha256:" + String(repeating: "5e", count: 32)

    @Test("a name that a tool could take for an option is refused, in a definition and in a config")
    func options() throws {
        for (name, isGood) in [
            ("registry.test/a", true), ("[::1]:5000/a", true), ("a", true), ("", false),
            ("-v", false), ("--privileged", false), ("a b", false), ("/a", false), ("a\n", false),
        ] {
            let image = "\(name)@\(Self.digest)"
            #expect(EnvironmentSpec.isImage(image) == isGood, "\(name)")
            let definition = TestRepository.definition.replacing(
                "environment: {kind: venv, python: \"3.11\", lock: requirements.lock, variables: {TZ: UTC}}",
                with: "environment: {kind: image, image: \(CanonicalJSON.text(image))}"
            ).replacing("\"{python}\"", with: "python")
            let section: JSONValue = [
                "kind": "image", "image": JSONValue(image), "variables": [:], "secrets": [],
            ]
            if isGood {
                let parsed = try ServiceDefinition.parse(
                    Array(definition.utf8), file: "assay.yaml")
                #expect(parsed.environment.image == image)
                let read = try BundleConfig.EnvironmentSection(
                    JSONReader(section, document: "config"))
                #expect(read.image == image)
            } else {
                let error = #expect(throws: AssayError.self) {
                    try ServiceDefinition.parse(Array(definition.utf8), file: "assay.yaml")
                }
                #expect(error?.message.contains("image") == true, "\(name)")
                #expect(throws: AssayError.self) {
                    try BundleConfig.EnvironmentSection(JSONReader(section, document: "config"))
                }
            }
        }
        #expect(!EnvironmentSpec.isImage("a") && !EnvironmentSpec.isImage("a@sha256:12"))
    }
}

extension CanonicalJSON {
    fileprivate static func text(_ value: String) -> String {
        String(decoding: encode(JSONValue(value)), as: UTF8.self)
    }
}
