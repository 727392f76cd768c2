import AssayCore
import AssayEvidence
import AssaySystem
import NIOPosix
import Synchronization
import SystemPackage
import Testing

@testable import AssayReplay

@Suite("services that are started")
struct SupervisionTests {
    private func launch(
        _ options: [String], ready: ArmPlan.Readiness = .http(path: "/healthz"),
        timeout: Duration = .seconds(20), home: FilePath, variables: [String: String] = [:],
        secrets: [String] = [], inherited: [String: String] = [:]
    ) -> ServiceLaunch {
        var plan = PythonService.arm(
            ready: ready, timeout: timeout, variables: variables, options: options)
        plan.secrets = secrets
        return ServiceLaunch(
            plan: plan, isolation: .process, bubblewrap: nil, home: home, egress: [:],
            inherited: inherited)
    }

    private func start(_ launch: ServiceLaunch) async throws -> RunningService {
        try await RunningService.start(
            launch, name: "candidate", logs: .logs(in: launch.home), hashSeed: 1,
            on: MultiThreadedEventLoopGroup.singleton.next())
    }

    private func failure(_ launch: ServiceLaunch) async -> AssayError? {
        do throws(AssayError) {
            let service = try await RunningService.start(
                launch, name: "candidate", logs: .logs(in: launch.home), hashSeed: 1,
                on: MultiThreadedEventLoopGroup.singleton.next())
            await service.end()
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "a service is ready by HTTP, by its port or by a line",
        arguments: [ArmPlan.Readiness.http(path: "/healthz"), .tcp, .line("listening")])
    func ready(_ readiness: ArmPlan.Readiness) async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let marker = "marker=\(directory.path)"
        let service = try await start(launch([marker], ready: readiness, home: directory.path))
        #expect(try PythonService.processes(containing: marker).count == 1)
        await service.end()
        #expect(service.process.exit == .signal(15))
        #expect(try PythonService.processes(containing: marker).isEmpty)
    }

    @Test("a service that ends before it is ready is reported at once, with its last lines")
    func earlyEnd() async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let error = await failure(
            launch(["mode=dies-early"], timeout: .seconds(600), home: directory.path))
        #expect(error?.code == .service)
        #expect(error?.message.contains("exited with code 3 before it was ready") == true)
        #expect(error?.message.contains("could not load the model") == true)
    }

    @Test("a service that never gets ready is ended after its time, and says what was missing")
    func neverReady() async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let marker = "marker=\(directory.path)"
        let error = await failure(
            launch(["mode=never-ready", marker], timeout: .milliseconds(400), home: directory.path))
        #expect(error?.code == .service)
        #expect(error?.message.contains("GET /healthz did not answer") == true)
        #expect(try PythonService.processes(containing: marker).isEmpty)
    }

    @Test("a port that somebody else took is given up for another")
    func portTaken() async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let service = try await start(
            launch(["mode=port-taken", "directory=\(directory.path)"], home: directory.path))
        #expect(FileSystem.exists(directory.path.appending("candidate.2.stdout.log")))
        await service.end()
    }

    @Test("a service that floods its output is drained, and its log stays bounded")
    func flood() async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let service = try await start(launch(["mode=floods"], home: directory.path))
        await service.end()
        let log = directory.path.appending("candidate.1.stdout.log")
        let size = try #require(try FileSystem.status(of: log)).size
        #expect(size > OutputLog.fileLimit)
        #expect(size < OutputLog.fileLimit + (64 << 10))
        let text = String(decoding: try FileSystem.read(log), as: UTF8.self)
        #expect(text.contains("bytes left out]"))
        #expect(text.hasSuffix("listening\n"))
    }

    @Test("a service that ignores TERM is killed after the grace, with what it forked")
    func ignoresTerm() async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        for mode in ["ignores-term", "forks"] {
            let marker = "marker=\(directory.path)/\(mode)"
            let home = directory.path.appending(mode)
            try FileSystem.makeDirectory(home)
            let service = try await start(launch(["mode=\(mode)", marker], home: home))
            await service.process.end(grace: .milliseconds(200), sandboxed: false)
            #expect(try await PythonService.leftovers(containing: marker).isEmpty)
        }
    }

    @Test("a task that is cancelled leaves no service behind")
    func cancelled() async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let marker = "marker=\(directory.path)"
        let launch = launch(["mode=never-ready", marker], home: directory.path)
        let code = await withTaskGroup(of: AssayError.Code?.self) { group in
            group.addTask { await failure(launch)?.code }
            let log = directory.path.appending("candidate.1.stdout.log")
            while (try? FileSystem.status(of: log)?.size) ?? 0 == 0 { await Task.yield() }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(code == .interrupted)
        #expect(try PythonService.processes(containing: marker).isEmpty)
    }

    @Test("only declared variables reach a service, secrets by name from ours")
    func environment() async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        let launch = launch(
            [], home: directory.path, variables: ["PYTHONHASHSEED": "0"], secrets: ["TOKEN"],
            inherited: ["TOKEN": "s3cret", "AWS_PROFILE": "production"])
        let command = try launch.command(port: 4711, hashSeed: 99)
        #expect(
            Set(command.environment.keys) == [
                "PATH", "HOME", "TMPDIR", "LANG", "PORT", "PYTHONHASHSEED", "TOKEN",
            ])
        #expect(command.environment["PYTHONHASHSEED"] == "0")
        #expect(command.arguments == [PythonService.python.string, "service.py", "4711"])
        var bare = launch
        bare.inherited = [:]
        #expect(throws: AssayError.self) { try bare.command(port: 1, hashSeed: 1) }
    }

    @Test("a command that does not exist is named, with the places it was looked for in")
    func noProgram() async throws {
        let directory = try TemporaryDirectory(in: "/tmp")
        var launch = launch([], home: directory.path)
        launch.plan.command = ["no-such-program-anywhere"]
        let error = await failure(launch)
        #expect(error?.code == .notFound)
        launch.plan.command = ["./missing"]
        let second = await failure(launch)
        #expect(second?.code == .subprocess)
    }
}
