import AssayCore
import AssaySystem
import Glibc
import Subprocess
import SystemPackage
import Testing

@Suite("Bad input")
struct BadInputTests {
    @Test("outside a repository and without assay.yaml it says what to do")
    func nowhere() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-e2e-")
        let path = directory.path
        let outside = try await Program.assay("bundle", "create", in: path)
        #expect(outside.status == 2)
        #expect(outside.errors.contains("not inside a git repository"))
        #expect(outside.errors.contains("hint:"))
        try await Program.git("init", "-q", in: path)
        let bare = try await Program.assay("bundle", "create", in: path)
        #expect(bare.status == 2)
        #expect(bare.errors.contains("assay init"))
        #expect(try await Program.assay("no-such-command", in: path).status == 2)
    }

    @Test("options that cannot be meant are refused before anything is looked at")
    func options() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-e2e-")
        let replay = ["gate", "--to", "dev"]
        let record = ["capture", "record", "--upstream", "http://127.0.0.1:1", "--name"]
        let faults: [([String], String)] = [
            (
                replay + ["--isolation", "foo"],
                "--isolation takes sandbox, process or none, not foo"
            ),
            (replay + ["--speed", "foo"], "--speed takes max or a number above 0, not foo"),
            (replay + ["--speed", "0"], "--speed takes max or a number above 0, not 0"),
            (replay + ["--rate", "nan"], "--rate takes a number above 0, not nan"),
            (replay + ["--concurrency", "0"], "--concurrency takes a number above 0, not 0"),
            (replay + ["--confirm=-1"], "--confirm takes 0 or more, not -1"),
            (replay + ["--max-restarts=-1"], "--max-restarts takes 0 or more, not -1"),
            (
                ["replay", "--capture", "core", "--isolation", "foo"],
                "--isolation takes sandbox, process or none, not foo"
            ),
            (
                ["bundle", "run", "--isolation", "foo"],
                "--isolation takes sandbox, process or none, not foo"
            ),
            (record + ["a/b"], "--name takes a name without `/`, not a/b"),
            (record + [".."], "cannot be used in the store"),
            (record + [""], "cannot be used in the store"),
            (["capture", "import", "--name", "a..b", "x.gor"], "cannot be used in the store"),
        ]
        for (arguments, words) in faults {
            let outcome = try await Program.run(
                .path(Program.assay), arguments, in: directory.path)
            #expect(outcome.status == 2, "\(arguments)")
            #expect(outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
        }
    }

    @Test(
        "an unknown revision, a faulty assay.yaml and a faulty gate.yaml are named with their place"
    )
    func documents() async throws {
        let service = try await ServiceRepository.make()
        let unknown = try await service.expect(2, "bundle", "create", "nowhere")
        #expect(unknown.errors.contains("nowhere"))
        #expect(unknown.errors.contains("hint:"))
        let wrong = ServiceRepository.policy.replacing("0 requests", with: "0 apples")
        try service.write("gate.yaml", wrong)
        let policy = try await service.expect(
            2, "gate", "--to", "dev", "--policy", "gate.yaml", "--isolation", "process")
        #expect(policy.errors.contains("gate.yaml:7:"))
        try service.write(
            "assay.yaml", ServiceRepository.definition.replacing("features:", with: "feature:"))
        try await service.commit("typo")
        let definition = try await service.expect(2, "bundle", "create")
        #expect(definition.errors.contains("assay.yaml:4:1"))
        #expect(definition.errors.contains("features"))
    }

    @Test(
        "content that is nowhere is named with the places that were looked at, and nothing is built"
    )
    func missingContent() async throws {
        let service = try await ServiceRepository.make()
        try FileSystem.remove(service.path.appending("weights/weights.json"))
        try FileSystem.removeTree(service.path.appending(".assay/store"))
        let outcome = try await service.expect(2, "bundle", "create")
        #expect(outcome.errors.contains("weights/weights.json"))
        #expect(outcome.errors.contains("assay track"))
        #expect(try await service.expect(0, "bundle", "list").output.isEmpty)
    }

    @Test("a service that never gets ready ends with 4 and its last words")
    func neverReady() async throws {
        let service = try await ServiceRepository.make(
            definition: ServiceRepository.definition.replacing("timeout: 60s", with: "timeout: 1s"))
        try service.write("service/never-ready", "yes")
        try await service.commit("never ready")
        let outcome = try await service.expect(
            4, "gate", "--to", "prod", "--isolation", "process")
        #expect(outcome.errors.contains("ready"))
        try expectNoRuns(of: service.path)
    }

    @Test("a service that dies in the middle ends with 4 and its last words, and nothing is left")
    func dies() async throws {
        let service = try await ServiceRepository.make()
        try service.write("service/die-after", "5")
        try await service.commit("dies")
        let outcome = try await service.expect(
            4, "gate", "--to", "prod", "--isolation", "process")
        #expect(outcome.errors.contains("the service dies now, as the test wants"))
        #expect(outcome.errors.contains("hint:"))
        try expectNoRuns(of: service.path)
    }

    @Test("a port that is taken is named")
    func portTaken() async throws {
        let service = try await ServiceRepository.make()
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe bind(socket, $0, size)
                _ = listen(socket, 1)
                _ = unsafe getsockname(socket, $0, &size)
            }
        }
        let port = UInt16(bigEndian: address.sin_port)
        let outcome = try await service.expect(
            4, "capture", "record", "--name", "x", "--listen", "127.0.0.1:\(port)", "--upstream",
            "http://127.0.0.1:9")
        #expect(outcome.errors.contains("\(port)"))
    }

    @Test("a cut capture file says at which byte, and salvage keeps what is whole")
    func cutCapture() async throws {
        let service = try await ServiceRepository.make()
        let file = service.outside.appending("core.warc.zst")
        try await service.expect(0, "capture", "export", "core", file.string)
        let bytes = try FileSystem.read(file)
        try FileSystem.replace(file, with: Array(bytes.dropLast(10)))
        let cut = try await service.expect(4, "capture", "import", file.string, "--name", "cut")
        #expect(cut.errors.contains("at byte "))
        #expect(cut.errors.contains("--salvage"))
        let gor = service.outside.appending("core.gor")
        try FileSystem.replace(gor, with: Array(try FileSystem.read(gor).dropLast(30)))
        try await service.expect(4, "capture", "import", gor.string, "--name", "cut")
        let kept = try await service.expect(
            0, "capture", "import", gor.string, "--name", "cut", "--salvage")
        #expect(kept.output.contains("exchanges  59"))
        let list = try await service.expect(0, "capture", "list")
        #expect(list.output.contains("core"))
    }

    @Test("a damaged blob is named by bundle verify, which then ends with 4")
    func damagedBlob() async throws {
        let service = try await ServiceRepository.make()
        try await service.expect(0, "bundle", "create")
        try await service.expect(0, "bundle", "verify")
        let digest = Digest(of: Array(#"{"bias": 1.5, "slope": 0.25}"#.utf8))
        let blobs = service.path.appending(".assay/store/blobs/sha256")
        var hurt: String?
        for name in try FileSystem.names(in: blobs) {
            let path = blobs.appending(name)
            var bytes = try FileSystem.read(path)
            // The segment that holds the weights among the other small files.
            guard name != digest.hex, bytes.count > 200,
                String(decoding: bytes, as: UTF8.self).contains("\"slope\": 0.25")
            else { continue }
            bytes[bytes.count / 2] ^= 1
            try FileSystem.replace(path, with: bytes)
            hurt = name
        }
        _ = try #require(hurt)
        let outcome = try await service.expect(4, "bundle", "verify")
        #expect(outcome.errors.contains("is damaged in the store"))
        #expect(outcome.errors.contains("hint:"))
    }

    @Test("a full disk ends with 4 and loses nothing; with room again it goes on")
    func fullDisk() async throws {
        let service = try await ServiceRepository.make()
        let mount = service.outside.appending("small")
        try FileSystem.makeDirectory(mount)
        guard unsafe Glibc.mount("tmpfs", mount.string, "tmpfs", 0, "size=512k") == 0 else {
            // Only root can mount; the store's own test says the same without one.
            return
        }
        defer { umount2(mount.string, Int32(MNT_DETACH)) }
        let store = mount.appending("store").string
        try service.write("weights/large.bin", [UInt8](repeating: 7, count: 2 << 20))
        let full = try await service.assay("track", "weights/large.bin", "--store", store)
        #expect(full.status == 4)
        #expect(full.errors.contains("hint:"))
        let lock = try FileSystem.read(service.path.appending("assay.lock"))
        #expect(!String(decoding: lock, as: UTF8.self).contains("large.bin"))
        _ = unsafe Glibc.mount(
            "tmpfs", mount.string, "tmpfs", UInt(MS_REMOUNT), "size=16m")
        #expect(try await service.assay("track", "weights/large.bin", "--store", store).status == 0)
    }

    @Test("^C in a replay ends with 130, leaves no process and a clean store")
    func interrupt() async throws {
        let service = try await ServiceRepository.make()
        try service.write("service/slow", "0.5")
        try await service.commit("slow")
        let path = service.path
        let result = try await Subprocess.run(
            .path(Program.assay),
            arguments: ["replay", "--capture", "core", "--exact", "--concurrency", "1"],
            workingDirectory: path, input: .none, output: .discarded, error: .string(limit: 1 << 20)
        ) { execution in
            // The service is up once its process shows; then the replay is under way.
            for _ in 0..<600 {
                if try Self.isServing(from: path) { break }
                try await Task.sleep(for: .milliseconds(50))
            }
            try execution.send(signal: .interrupt)
        }
        #expect(result.terminationStatus == .exited(130), "\(result.standardError)")
        for _ in 0..<1200 {
            if try !Self.isServing(from: path) { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(try !Self.isServing(from: path))
        try expectNoRuns(of: path)
        try await service.expect(0, "bundle", "verify")
    }

    /// Whether a process of the service, laid out beneath this repository, is alive.
    private static func isServing(from path: FilePath) throws -> Bool {
        for name in try FileSystem.names(in: "/proc") where name.allSatisfy(\.isNumber) {
            var buffer = [CChar](repeating: 0, count: 4096)
            let link = "/proc/\(name)/cwd"
            let count = unsafe readlink(link, &buffer, buffer.count)
            guard count > 0 else { continue }
            let target = String(
                decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if target.hasPrefix(path.appending(".assay").string) { return true }
        }
        return false
    }

    private func expectNoRuns(of path: FilePath) throws {
        let runs = path.appending(".assay/runs")
        guard FileSystem.exists(runs) else { return }
        #expect(try FileSystem.names(in: runs).isEmpty)
    }
}
