import ArgumentParser
import AssayCore
import AssayEvidence
import AssayReplay

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

    @Option(help: ArgumentHelp("Processes of each arm, sharing its requests.", valueName: "n"))
    var replicas: Int = 1

    @Option(
        help: ArgumentHelp(
            "How long stubs of dependencies take: recorded or none.", valueName: "how"))
    var egressLatency: String = "none"

    @Option(help: ArgumentHelp("Draws the sample and the order of the arms.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp("Fresh processes of each arm that confirm differences.", valueName: "k"))
    var confirm: Int = 5

    @Option(help: ArgumentHelp("How often an arm is started again after a crash.", valueName: "n"))
    var maxRestarts: Int = 3

    /// The isolation that was asked for.
    func isolationLevel() throws -> Evidence.Isolation { try Self.isolationLevel(isolation) }

    /// The isolation of that name.
    static func isolationLevel(_ isolation: String) throws -> Evidence.Isolation {
        guard let level = Evidence.Isolation(rawValue: isolation) else {
            throw AssayError(.usage, "--isolation takes sandbox, process or none, not \(isolation)")
        }
        return level
    }

    /// How long stubs take.
    func egressLatencyLevel() throws -> ReplayPlan.EgressLatency {
        guard let level = ReplayPlan.EgressLatency(rawValue: egressLatency) else {
            throw AssayError(
                .usage, "--egress-latency takes recorded or none, not \(egressLatency)")
        }
        return level
    }

    /// The pacing that was asked for.
    func pacing() throws -> ReplayPlan.Pacing {
        if let rate {
            guard rate > 0, rate.isFinite else {
                throw AssayError(.usage, "--rate takes a number above 0")
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
