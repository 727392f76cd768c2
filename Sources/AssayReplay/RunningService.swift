import AssayCapture
import AssayCore
import AssaySystem
import NIOCore
import SystemPackage

/// A service that got ready, and where it listens.
struct RunningService: Sendable {
    /// Its process.
    var process: ServiceProcess
    /// Its port on the loopback interface.
    var port: Int
    /// Whether it runs beneath bubblewrap.
    var sandboxed: Bool

    /// What its last lines may hold and nobody is to see.
    var secrets = RedactionSecrets.none

    /// How long a service has between TERM and KILL.
    static let grace = Duration.seconds(5)

    /// How many ports are tried when one turns out to be taken.
    static let portAttempts = 5

    /// Starts a service on a free port and waits until it is ready.
    ///
    /// `name` names its logs and messages. Throws `.service` with its last lines if it ends before
    /// it is ready or takes too long, `.interrupted` if the task is cancelled; nothing is left
    /// running then.
    static func start(
        _ launch: ServiceLaunch, name: String, logs: OutputPlace, hashSeed: UInt32,
        on eventLoop: any EventLoop, port fixed: Int? = nil
    ) async throws(AssayError) -> RunningService {
        var attempt = 1
        while true {
            let port: Int
            if let fixed { port = fixed } else { port = try LoopbackPort.free() }
            let awaited: String? = if case .line(let text) = launch.plan.ready { text } else { nil }
            let process = try await ServiceProcess.start(
                try launch.command(port: port, hashSeed: hashSeed),
                output: logs.output(named: "\(name).\(attempt)"), awaiting: awaited)
            let service = RunningService(
                process: process, port: port, sandboxed: launch.isWrapped,
                secrets: launch.redaction?.secrets ?? .none)
            do throws(AssayError) {
                try await service.waitUntilReady(launch.plan, name: name, on: eventLoop)
                return service
            } catch {
                await service.end()
                guard fixed == nil, attempt < portAttempts, service.foundPortTaken else {
                    throw error
                }
                attempt += 1
            }
        }
    }

    /// Ends the service and all beneath it; works in a cancelled task too.
    func end() async {
        await process.end(grace: Self.grace, sandboxed: sandboxed)
    }

    /// The last lines it printed, indented, for a message; empty when it printed none.
    var lastLines: String {
        let lines = process.lastLines.suffix(20)
        let fault = process.logFault.map { "; its output was not logged: \($0.message)" } ?? ""
        return lines.isEmpty
            ? fault
            : fault + "; its last lines:\n"
                + lines.map { "    \(secrets.hidden(in: $0))" }.joined(separator: "\n")
    }

    private var foundPortTaken: Bool {
        let text = process.lastLines.joined(separator: "\n").lowercased()
        return process.exit != nil
            && ["address already in use", "eaddrinuse", "address in use", "port is already"]
                .contains { text.contains($0) }
    }

    private func waitUntilReady(
        _ plan: ArmPlan, name: String, on eventLoop: any EventLoop
    ) async throws(AssayError) {
        let deadline = ContinuousClock.now + plan.readyTimeout
        while true {
            if let exit = process.exit {
                throw AssayError(
                    .service, "\(name) \(exit.sentence) before it was ready\(lastLines)",
                    hint: "run it by hand with `assay bundle run`")
            }
            guard !Task.isCancelled else {
                throw AssayError(.interrupted, "stopped while \(name) was starting")
            }
            if await isReady(plan.ready, on: eventLoop) { return }
            guard ContinuousClock.now < deadline else {
                throw AssayError(
                    .service,
                    "\(name) was not ready on port \(port) after \(plan.readyTimeout): "
                        + "\(plan.ready.unmet)\(lastLines)",
                    hint: "raise `serve.timeout`, or see what `serve.ready` asks for")
            }
            _ = await process.exit(within: .milliseconds(20))
        }
    }

    private func connection(on eventLoop: any EventLoop) async -> ArmConnection? {
        // Whatever keeps it from being called: it is not ready yet, and is asked again until the
        // deadline, whose error says what was missing.
        guard let address = try? ServiceAddress.loopback(port: port).resolved() else { return nil }
        return try? await ArmConnection.open(address, on: eventLoop)
    }

    private func isReady(_ ready: ArmPlan.Readiness, on eventLoop: any EventLoop) async -> Bool {
        switch ready {
        case .line: return process.hasPrintedText
        case .tcp:
            guard let connection = await connection(on: eventLoop) else {
                return false
            }
            await connection.close()
            return true
        case .http(let path):
            guard let connection = await connection(on: eventLoop) else {
                return false
            }
            let request =
                "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n"
            // No answer is none with a status of 200.
            let answer = try? await connection.send(
                ArmRequest(
                    bytes: ByteBuffer(string: request), method: "GET", closes: true,
                    timeout: .seconds(2),
                    limit: 1 << 20))
            await connection.close()
            return (200..<300).contains(answer?.status ?? 0)
        }
    }
}

extension ArmPlan.Readiness {
    /// What is still missing, for a message.
    fileprivate var unmet: String {
        switch self {
        case .http(let path): "GET \(path) did not answer with a status of 200 to 299"
        case .tcp: "the port accepts no connections"
        case .line(let text): "no line contained `\(text)`"
        }
    }
}

/// Where the output of services goes.
enum OutputPlace: Sendable {
    case logs(in: FilePath)
    case lines(@Sendable (String) -> Void)

    func output(named name: String) -> ServiceProcess.Output {
        switch self {
        case .logs(let directory): .logs(in: directory, prefix: name)
        case .lines(let pass): .lines(pass)
        }
    }
}
