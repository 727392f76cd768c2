import AssayBundling
import AssayCapture
import AssayCore
import AssayEvidence
import AssayReplay
import AssaySystem
import Glibc
import SystemPackage

extension EngineRun {
    /// What the evidence depends on, as a digest.
    func key(
        _ arms: [ArmPlan], _ history: [ReplayPlan.Tenure], _ capture: Capture,
        _ rules: ComparisonRules, _ sample: Int?, _ seed: UInt64,
        _ routes: [ExchangeRules.Route], _ redaction: RedactionRules,
        _ shard: ReplayShard?, _ supplied: Digest?
    ) throws -> Digest {
        // Promotions after the capture's last answer change nothing.
        let past = history.filter { $0.since <= capture.summary.lastAt }
        let document: JSONValue = .object(present: [
            "arms": .array(
                arms.map { arm in
                    [
                        "role": JSONValue(arm.role.rawValue),
                        "bundle": arm.bundle.map { JSONValue($0) } ?? .null,
                        "environment": JSONValue(arm.facts),
                    ]
                }),
            "history": .array(
                past.map { ["since": .integer($0.since), "bundle": JSONValue($0.bundle)] }),
            "capture": JSONValue(capture.id), "rules": JSONValue(rules.digest),
            "sample": sample.map { JSONValue($0) }, "shard": shard.map { .string("\($0)") },
            "redaction": JSONValue(
                Redactor(redaction, key: try CaptureRules.redactionKey(of: workspace)).digest),
            "seed": JSONValue(String(seed)),
            "isolation": JSONValue(options.isolation), "speed": JSONValue(options.speed),
            "rate": options.rate.map { .double($0) }, "concurrency": JSONValue(options.concurrency),
            "arrangement": JSONValue(options.arms),
            "memory": options.memory.map { .string($0) }, "cpus": options.cpus.map { .double($0) },
            "replicas": JSONValue(options.replicas),
            "egressLatency": JSONValue(options.egressLatency),
            "egressAnswers": supplied.map { JSONValue($0) },
            "routes": routes.allSatisfy(\.isReplayable)
                ? [] : .array(routes.map { .string("\($0.name) \($0.isReplayable)") }),
            "confirm": JSONValue(options.confirm), "restarts": JSONValue(options.maxRestarts),
            "tool": JSONValue(ToolVersion.text), "program": JSONValue(try Self.programStamp()),
        ])
        return Digest(of: CanonicalJSON.encode(document))
    }

    /// Tells one build of this program from another: the size of its file and when it was written.
    private static func programStamp() throws -> String {
        let path = try ownPath()
        guard let status = try FileSystem.status(of: FilePath(path)) else {
            throw AssayError(
                .io, "this program's own file \(path) is gone",
                hint: "was it built again meanwhile? start the command again")
        }
        return "\(status.size)-\(status.modified)"
    }

    /// The file of this program.
    static func ownPath() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0, count < buffer.count else {
            throw AssayError(.io, "could not find this program's own path")
        }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
