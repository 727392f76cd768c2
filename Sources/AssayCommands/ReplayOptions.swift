import ArgumentParser
import AssayCapture
import AssayCore
import AssayEvidence
import AssayReplay
import AssaySystem
import SystemPackage

/// The options of commands that replay.
struct ReplayOptions: ParsableArguments {
    @Option(help: ArgumentHelp("sandbox, process or none.", valueName: "how"))
    var isolation: String = "sandbox"

    @Option(help: ArgumentHelp("`max`, or a multiple of the capture's own pace.", valueName: "x"))
    var speed: String = "max"

    @Option(help: ArgumentHelp("Exchanges per second, instead of --speed.", valueName: "n"))
    var rate: Double?

    @Option(help: ArgumentHelp("Exchanges in flight at most.", valueName: "n"))
    var concurrency: Int = 8

    @Option(
        help: ArgumentHelp(
            "Memory that each process of an arm may take: 512MiB, 4GiB.", valueName: "size"))
    var memory: String?

    @Option(help: ArgumentHelp("Processors that each may take: 2, 0.5.", valueName: "n"))
    var cpus: Double?

    @Option(
        help: ArgumentHelp(
            "Serve the arms interleaved, or sequential where only one model fits.",
            valueName: "how"))
    var arms: String = "interleaved"

    @Option(help: ArgumentHelp("Processes of each arm, sharing its requests.", valueName: "n"))
    var replicas: Int = 1

    @Option(
        help: ArgumentHelp(
            "How long stubs of dependencies take: recorded or none.", valueName: "how"))
    var egressLatency: String = "none"

    @Option(
        help: ArgumentHelp(
            "Answers to calls of dependencies that were not recorded, a line of JSON each.",
            valueName: "file"))
    var egressAnswers: String?

    @Option(help: ArgumentHelp("Draws the sample and the order of the arms.", valueName: "n"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp("Fresh processes of each arm that confirm differences.", valueName: "k"))
    var confirm: Int = 5

    @Option(help: ArgumentHelp("How often an arm is started again after a crash.", valueName: "n"))
    var maxRestarts: Int = 3

    /// Refuses what cannot be meant before anything is looked at.
    func validate() throws {
        do {
            _ = try isolationLevel()
            _ = try pacing()
        } catch let error as AssayError {
            throw ValidationError(error.message)
        }
        guard concurrency > 0 else {
            throw ValidationError("--concurrency takes a number above 0, not \(concurrency)")
        }
        guard confirm >= 0 else {
            throw ValidationError("--confirm takes 0 or more, not \(confirm)")
        }
        guard maxRestarts >= 0 else {
            throw ValidationError("--max-restarts takes 0 or more, not \(maxRestarts)")
        }
    }

    /// The isolation that was asked for.
    func isolationLevel() throws -> Evidence.Isolation { try Self.isolationLevel(isolation) }

    /// The isolation of that name.
    static func isolationLevel(_ isolation: String) throws -> Evidence.Isolation {
        guard let level = Evidence.Isolation(rawValue: isolation) else {
            throw AssayError(.usage, "--isolation takes sandbox, process or none, not \(isolation)")
        }
        return level
    }

    /// What each process of an arm may take.
    func limits() throws -> ReplayPlan.Limits {
        var limits = ReplayPlan.Limits(cpus: cpus)
        if let memory {
            let units = ["MiB": 1 << 20, "GiB": 1 << 30]
            guard let unit = units[String(memory.suffix(3))], let number = Int(memory.dropLast(3)),
                (1...1 << 20).contains(number)
            else {
                throw AssayError(
                    .usage, "--memory takes a size such as 512MiB or 4GiB, not \(memory)")
            }
            limits.memory = number * unit
        }
        if let cpus, !(0.01...10_000).contains(cpus) {
            throw AssayError(.usage, "--cpus takes a number from 0.01 on")
        }
        return limits
    }

    /// Whether arms are served side by side.
    func arrangement() throws -> ReplayPlan.Arrangement {
        guard let arrangement = ReplayPlan.Arrangement(rawValue: arms) else {
            throw AssayError(.usage, "--arms takes interleaved or sequential, not \(arms)")
        }
        return arrangement
    }

    /// How long stubs take.
    func egressLatencyLevel() throws -> ReplayPlan.EgressLatency {
        guard let level = ReplayPlan.EgressLatency(rawValue: egressLatency) else {
            throw AssayError(
                .usage, "--egress-latency takes recorded or none, not \(egressLatency)")
        }
        return level
    }

    /// The file of answers to calls that were not recorded. Throws for one that cannot be read.
    func suppliedFile() throws -> ReplayPlan.SuppliedFile? {
        guard let egressAnswers else { return nil }
        let path = try Workspace.absolute(FilePath(egressAnswers))
        return ReplayPlan.SuppliedFile(path: path, digest: try SuppliedCalls.read(path).digest)
    }

    /// The pacing that was asked for.
    func pacing() throws -> ReplayPlan.Pacing {
        if let rate {
            guard rate > 0, rate.isFinite else {
                throw AssayError(.usage, "--rate takes a number above 0, not \(rate)")
            }
            return .rate(rate)
        }
        if speed == "max" { return .max }
        guard let value = Double(speed), value > 0, value.isFinite else {
            throw AssayError(.usage, "--speed takes max or a number above 0, not \(speed)")
        }
        return .schedule(speed: value)
    }
}
