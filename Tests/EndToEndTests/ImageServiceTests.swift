import AssayCore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

@Suite("Services in an image")
struct ImageServiceTests {
    private static let image =
        "registry.example/scoring@sha256:" + String(repeating: "5e", count: 32)
    private static let script = FilePath(#filePath).removingLastComponent()
        .appending("Programs/make-image.sh")

    @Test("both arms of a replay run in the image that the bundle names, kept from all else")
    func replay() async throws {
        let service = try await ServiceRepository.make(
            definition: ServiceRepository.definition.replacing(
                "{kind: host, python: \"3.11\", ", with: "{kind: image, image: \"\(Self.image)\", ")
        )
        let made = service.outside.appending("image")
        let outcome = try await Program.run(
            .name("bash"), [Self.script.string, made.string], in: service.path)
        try #require(outcome.status == 0, "\(outcome.errors)")
        let path = try await Program.run(.name("printenv"), ["PATH"], in: service.path).output
        let variables = [
            "PATH": "\(made.appending("bin")):\(path.dropLast())",
            "ASSAY_CACHE": service.outside.appending("cache").string,
        ]
        // Starts nowhere but in the image: this machine has no such file.
        let app = String(
            decoding: try FileSystem.read(service.path.appending("service/app.py")), as: UTF8.self)
        try service.write("service/app.py", "open('/etc/image-mark').close()\n" + app)
        try await service.commit("needs the image")

        let first = try await service.assay("gate", "--to", "prod", variables: variables)
        #expect(first.status == 0, "\(first.output)\(first.errors)")
        #expect(first.errors.contains("fetching the image \(Self.image) with podman"))
        try await service.expect(0, "promote", "--to", "prod")
        try service.write("service/app.py", "open('/etc/image-mark').close()\n# more\n" + app)
        try await service.commit("comment")
        // What is unpacked needs no runtime any more, and bubblewrap is all that shows the image.
        try FileSystem.remove(made.appending("bin/podman"))
        for isolation in ["sandbox", "process"] {
            let next = try await service.assay(
                "gate", "--to", "dev", "--confirm", "2", "--isolation", isolation,
                variables: variables)
            #expect(next.status == 0, "\(next.output)\(next.errors)")
        }

        let facts = try await service.assay("env", "show", "HEAD", "--json", variables: variables)
        #expect(facts.output.contains("\"os.distribution\":\"testos 7\""))
        let named = try await service.assay("env", "show", Self.image, variables: variables)
        #expect(named.output.contains("testos 7"))
        let shell = try await Program.run(
            .name("bash"),
            ["-c", "echo 'cat /etc/image-mark; pwd; ls' | \"$ASSAY\" bundle run --shell"],
            in: service.path, variables: variables)
        #expect(
            shell.output.hasPrefix("only in the image\n/assay/bundle\n"),
            "\(shell.output)\(shell.errors)")
        let printed = try await service.assay("bundle", "run", "--print-env", variables: variables)
        #expect(printed.status == 2)
        #expect(printed.errors.contains("--shell"))
    }

    @Test("where there is neither podman nor docker it ends with 4 and says what to install")
    func noRuntime() async throws {
        let service = try await ServiceRepository.make(
            definition: ServiceRepository.definition.replacing(
                "{kind: host, python: \"3.11\", ", with: "{kind: image, image: \"\(Self.image)\", ")
        )
        let outcome = try await service.assay(
            "gate", "--to", "prod",
            variables: [
                "PATH": "/nonexistent", "ASSAY_CACHE": service.outside.appending("cache").string,
            ])
        #expect(outcome.status == 4)
        #expect(outcome.errors.contains("neither podman nor docker is on PATH"))
        #expect(outcome.errors.contains("hint:"))
    }
}
