import AssayCapture
import AssayCore
import AssayEvidence
import AssaySystem
import NIOCore
import NIOPosix
import SystemPackage
import Testing

@testable import AssayReplay

private let bubblewrap: FilePath? = try? Sandbox.bubblewrap(
    searchPath: "/usr/local/bin:/usr/bin:/bin")

@Suite("the sandbox", .enabled(if: bubblewrap != nil))
struct SandboxTests {
    /// What a service in the sandbox answers to one request, whose home is `home` in the directory; it is
    /// ended then.
    private static func answer(
        of plan: ArmPlan, in directory: FilePath, patience: Duration
    ) async throws -> String {
        let home = directory.appending("home")
        try FileSystem.makeDirectory(home)
        let launch = ServiceLaunch(
            plan: plan, isolation: .sandbox, bubblewrap: bubblewrap, home: home,
            egress: [:], inherited: [:])
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let service = try await RunningService.start(
            launch, name: "candidate", logs: .logs(in: directory), hashSeed: 1, on: eventLoop)
        let connection = try await ArmConnection.open(
            try ServiceAddress.loopback(port: service.port).resolved(), on: eventLoop)
        let answer = try await connection.send(
            ArmRequest(
                bytes: ByteBuffer(string: "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"), method: "GET",
                timeout: patience, limit: 1 << 20))
        await connection.close()
        await service.end()
        return String(decoding: answer.message.body, as: UTF8.self)
    }

    @Test("a service in the sandbox writes nothing outside its own directory and dies as a whole")
    func writes() async throws {
        let directory = try TemporaryDirectory(in: "/var/tmp")
        let outside = directory.path.appending("outside")
        let marker = "outside=\(outside)"
        let home = directory.path.appending("home")
        let answer = try await Self.answer(
            of: PythonService.arm(options: ["mode=writes", marker]), in: directory.path,
            patience: .seconds(10))
        #expect(answer.contains(#""wrote": false"#))
        #expect(!FileSystem.exists(outside))
        #expect(!FileSystem.exists(home.appending("mine")))
        #expect(!FileSystem.exists("/tmp/private-to-the-arm"))
        #expect(try await PythonService.leftovers(containing: marker).isEmpty)
    }

    @Test("a service that writes without end fills only what it was given, in memory")
    func fills() async throws {
        let directory = try TemporaryDirectory(in: "/var/tmp")
        let home = directory.path.appending("home")
        let answer = try await Self.answer(
            of: PythonService.arm(options: ["mode=fills"]), in: directory.path,
            patience: .seconds(60))
        #expect(answer.contains("\"wrote\": \(Sandbox.writableBytes >> 20)"))
        #expect(try FileSystem.names(in: home).isEmpty)
    }

    @Test("nothing in the sandbox reaches a socket outside: a listener out here hears nobody")
    func outward() async throws {
        let listener = try await CountingListener(host: "0.0.0.0")
        let script = """
            import socket, sys
            hosts = ["127.0.0.1", "192.0.2.1"] + sys.argv[1:]
            for host in hosts:
                try:
                    socket.create_connection((host, \(listener.port)), 1)
                    sys.exit(1)
                except OSError:
                    pass
            sys.exit(0)
            """
        let addresses = try System.enumerateDevices().compactMap { $0.address?.ipAddress }
            .filter { $0.contains(".") }
        let command = [PythonService.python.string, "-c", script] + addresses
        let inside = try EngineProcess(
            command: command, isolation: .sandbox, environment: ["PATH": "/usr/bin:/bin"])
        #expect(try await inside.run() == 0)
        #expect(listener.count == 0)
        let outside = try EngineProcess(
            command: command, isolation: .process, environment: ["PATH": "/usr/bin:/bin"])
        #expect(try await outside.run() == 1)
        #expect(try await listener.firstCount() == 1)
        try await listener.close()
    }

    @Test("a service that ignores TERM in the sandbox is killed with it")
    func kills() async throws {
        let directory = try TemporaryDirectory(in: "/var/tmp")
        let marker = "marker=\(directory.path)"
        let launch = ServiceLaunch(
            plan: PythonService.arm(options: ["mode=ignores-term", marker]), isolation: .sandbox,
            bubblewrap: bubblewrap, home: directory.path, egress: [:], inherited: [:])
        let service = try await RunningService.start(
            launch, name: "candidate", logs: .logs(in: directory.path), hashSeed: 1,
            on: MultiThreadedEventLoopGroup.singleton.next())
        await service.process.end(grace: .milliseconds(200), sandboxed: true)
        #expect(try await PythonService.leftovers(containing: marker).isEmpty)
    }

    @Test("an engine in the sandbox sees loopback only, and its exit code comes back")
    func network() async throws {
        let script = """
            import socket, sys
            names = [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]]
            server = socket.create_server(("127.0.0.1", 0))
            socket.create_connection(server.getsockname())
            sys.exit(42 if names == ["lo"] else 1)
            """
        let engine = try EngineProcess(
            command: [PythonService.python.string, "-c", script], isolation: .sandbox,
            environment: ["PATH": "/usr/bin:/bin"])
        #expect(try await engine.run() == 42)
    }

    @Test("an engine that is cancelled is asked to end, and its exit code comes back")
    func interrupted() async throws {
        let directory = try TemporaryDirectory(in: "/var/tmp")
        let started = directory.path.appending("started")
        let script = """
            import signal, sys
            signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
            open("\(started)", "w").close()
            signal.pause()
            """
        let engine = try EngineProcess(
            command: [PythonService.python.string, "-c", script], isolation: .sandbox,
            environment: ["PATH": "/usr/bin:/bin"])
        let code = try await withThrowingTaskGroup(of: Int32.self) { group in
            group.addTask { try await engine.run() }
            while !FileSystem.exists(started) { await Task.yield() }
            group.cancelAll()
            return try await group.next()
        }
        #expect(code == 130)
    }

    @Test("without bubblewrap the sandbox is refused, with what to do")
    func missing() {
        do throws(AssayError) {
            _ = try EngineProcess(
                command: ["assay"], isolation: .sandbox, environment: ["PATH": "/nowhere"])
            Issue.record("the sandbox was not refused")
        } catch {
            #expect(error.code == .missingTool)
            #expect(error.hint?.contains("apt-get install bubblewrap") == true)
        }
    }
}
