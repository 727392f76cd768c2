import AssayEvidence
import NIOCore
import NIOPosix

/// One keep-alive connection to a service. One request at a time.
struct ArmConnection: Sendable {
    private let channel: any Channel

    /// Connects to a service; throws `ArmFailure`.
    static func open(
        _ address: SocketAddress, on eventLoop: any EventLoop
    ) async throws(ArmFailure) -> ArmConnection {
        do {
            let channel = try await ClientBootstrap(group: eventLoop)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connectTimeout(.seconds(5))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(ArmChannelHandler())
                    }
                }
                .connect(to: address).get()
            return ArmConnection(channel: channel)
        } catch {
            throw ArmFailure(kind: .refused)
        }
    }

    /// Whether a request can be sent.
    var isOpen: Bool { channel.isActive }

    /// Sends a request and waits for the whole answer; throws `ArmFailure`. After a failure, and
    /// after an answer that says so, the connection is closed.
    func send(_ request: ArmRequest) async throws(ArmFailure) -> TimedAnswer {
        let promise = channel.eventLoop.makePromise(of: TimedAnswer.self)
        channel.writeAndFlush(PromisedRequest(request: request, promise: promise), promise: nil)
        do {
            return try await promise.futureResult.get()
        } catch let failure as ArmFailure {
            throw failure
        } catch {
            throw ArmFailure(kind: .closed)
        }
    }

    /// Closes the connection and waits until it is.
    func close() async {
        // It may be closed already, which is what is wanted.
        try? await channel.close()
    }
}

/// A request as it goes to a service.
struct ArmRequest: Sendable {
    /// The bytes as they were recorded.
    var bytes: [UInt8]
    /// Its method, which decides whether an answer has a body.
    var method: String
    /// Whether it asks that the connection be closed after it.
    var closes = false
    /// How long the whole answer may take.
    var timeout: Duration
    /// How many bytes the answer may have.
    var limit: Int
}

/// Why a service gave no answer.
struct ArmFailure: Error, Hashable {
    var kind: ExchangeOutcome.Failure
    /// Whether part of an answer had come.
    var sawBytes = false
}

/// A request with the promise of its answer, as it is written to a channel.
struct PromisedRequest: Sendable {
    var request: ArmRequest
    var promise: EventLoopPromise<TimedAnswer>
}
