import AssayCore
import AssayEvidence
import NIOCore

/// One sender's connections: at most one to each arm, on one event loop.
struct ArmLane: ~Copyable {
    private let eventLoop: any EventLoop
    private var connections: [ArmPlan.Role: (connection: ArmConnection, generation: Int)] = [:]

    init(on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Sends a request to an arm; what the arm fails at is in the answer.
    ///
    /// A kept connection that turns out to be closed before the answer began is opened anew once:
    /// a service may close what was idle. Throws what ends the replay.
    mutating func send(
        _ request: ArmRequest, to arm: LiveArm
    ) async throws(AssayError) -> Result<TimedAnswer, ArmFailure> {
        var mayRetry = true
        while true {
            let endpoint = try await arm.endpoint()
            let kept = connections[arm.role].flatMap {
                $0.generation == endpoint.generation && $0.connection.isOpen ? $0.connection : nil
            }
            do throws(ArmFailure) {
                let connection: ArmConnection
                if let kept {
                    connection = kept
                } else {
                    await connections[arm.role]?.connection.close()
                    connection = try await ArmConnection.open(
                        endpoint.address, on: eventLoop)
                    connections[arm.role] = (connection, endpoint.generation)
                }
                let answer = try await connection.send(request)
                arm.note(timedOut: false)
                return .success(answer)
            } catch {
                var failure = error
                switch failure.kind {
                case .timedOut: arm.note(timedOut: true)
                case .closed, .refused:
                    let isStale = mayRetry && kept != nil && !failure.sawBytes
                    if await arm.hasEnded(endpoint, within: .milliseconds(isStale ? 50 : 500)) {
                        failure.kind = .crashed
                    } else if isStale {
                        mayRetry = false
                        continue
                    }
                default: break
                }
                guard !Task.isCancelled else {
                    throw AssayError(.interrupted, "stopped during the replay")
                }
                return .failure(failure)
            }
        }
    }

    /// Closes all connections.
    consuming func close() async {
        for (_, kept) in connections { await kept.connection.close() }
    }
}
