import AssayCore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

@Suite("Options of every command")
struct GlobalOptionTests {
    @Test("they can stand before the command, between its names and behind it")
    func places() async throws {
        let service = try await ServiceRepository.make()
        let path = service.path.string
        let lines: [[String]] = [
            ["-C", path, "bundle", "list"], ["bundle", "-C", path, "list"],
            ["bundle", "list", "-C", path],
            ["--plain", "-q", "--color", "never", "-C", path, "--verbose", "bundle", "list"],
            ["--store=\(path)/.assay/store", "-C", path, "bundle", "list"],
        ]
        try await service.expect(0, "bundle", "create")
        let wanted = try await service.expect(0, "bundle", "list").output
        #expect(!wanted.isEmpty)
        for line in lines {
            let outcome = try await Program.run(.path(Program.assay), line, in: "/tmp")
            #expect(outcome.status == 0, "\(line): \(outcome.errors)")
            #expect(outcome.output == wanted, "\(line)")
        }
        let json = try await Program.assay("--json", "-C", path, "status", in: "/tmp")
        #expect(json.output.hasPrefix("{") || json.output.hasPrefix("["), "\(json.output)")
    }

    @Test("a value that looks like a command stays a value, and what is wrong is still refused")
    func values() async throws {
        let nowhere = try await Program.assay("-C", "bundle", "status", in: "/")
        #expect(nowhere.status == 2)
        #expect(nowhere.errors.contains("could not enter directory bundle"), "\(nowhere.errors)")
        for line in [
            ["-C"], ["--json"], ["-C", "/tmp"], ["--unknown", "status"], ["-x", "status"],
        ] {
            let outcome = try await Program.run(.path(Program.assay), line, in: "/tmp")
            #expect(outcome.status == 2, "\(line): \(outcome.output)")
        }
    }

    @Test("commands that only read make no store")
    func readers() async throws {
        let service = try await ServiceRepository.make()
        try FileSystem.removeTree(service.path.appending(".assay/store"))
        for line in [
            ["bundle", "list"], ["bundle", "show"], ["bundle", "diff", "HEAD", "HEAD"],
            ["bundle", "verify"], ["capture", "list"], ["env", "show"],
            ["env", "diff", "HEAD", "HEAD"],
        ] {
            let outcome = try await Program.run(.path(Program.assay), line, in: service.path)
            #expect(outcome.status == 2, "\(line): \(outcome.output)")
            #expect(outcome.errors.contains("there is no store"), "\(line): \(outcome.errors)")
        }
        #expect(!FileSystem.exists(service.path.appending(".assay/store")))
    }
}
