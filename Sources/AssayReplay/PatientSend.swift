import AssayCore
import AssayEvidence
import NIOCore

/// A request that could not simply be written to an open connection: there is none yet, the arm has
/// to be started again, or the one that was kept has failed.
struct PatientSend: Sendable {
    var request: ArmRequest
    var arm: LiveArm
    /// How a connection that was kept has failed, and where it led; `nil` where there was none.
    var failed: (failure: ArmFailure, endpoint: LiveArm.Endpoint)?

    /// What came of it.
    struct Outcome: Sendable {
        var result: Result<TimedAnswer, ArmFailure>
        /// The connection, where it can go on.
        var kept: (connection: ArmConnection, endpoint: LiveArm.Endpoint)?
    }

    /// Connects and sends; what the arm fails at is in the outcome.
    ///
    /// A kept connection that turns out to be closed before the answer began is opened anew once:
    /// a service may close what was idle. Throws what ends the replay.
    func run(on eventLoop: any EventLoop) async throws(AssayError) -> Outcome {
        if let failed {
            let failure = await judged(failed.failure, at: failed.endpoint, wasKept: true)
            if let failure { return Outcome(result: .failure(failure)) }
        }
        while true {
            guard !Task.isCancelled else {
                throw AssayError(.interrupted, "stopped during the replay")
            }
            let endpoint = try await arm.endpoint()
            do throws(ArmFailure) {
                let connection = try await ArmConnection.open(endpoint.address, on: eventLoop)
                let answer = try await connection.send(request)
                arm.note(timedOut: false)
                return Outcome(result: .success(answer), kept: (connection, endpoint))
            } catch {
                let failure = await judged(error, at: endpoint, wasKept: false)
                if let failure { return Outcome(result: .failure(failure)) }
            }
        }
    }

    /// A failure as it is recorded; `nil` when the request may be sent once more.
    private func judged(
        _ failure: ArmFailure, at endpoint: LiveArm.Endpoint, wasKept: Bool
    ) async -> ArmFailure? {
        switch failure.kind {
        case .timedOut: arm.note(timedOut: true)
        case .closed, .refused:
            let isStale = wasKept && !failure.sawBytes
            if await arm.hasEnded(endpoint, within: .milliseconds(isStale ? 50 : 500)) {
                return ArmFailure(kind: .crashed, sawBytes: failure.sawBytes)
            }
            if isStale { return nil }
        default: break
        }
        return failure
    }
}
