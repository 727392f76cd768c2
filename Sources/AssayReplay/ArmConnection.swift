import AssayEvidence
import NIOCore
import NIOPosix

/// One keep-alive connection to a service. One request at a time.
struct ArmConnection: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<ArmChannelHandler>

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
            let handler = try await channel.eventLoop.submit {
                NIOLoopBound(
                    try channel.pipeline.syncOperations.handler(type: ArmChannelHandler.self),
                    eventLoop: channel.eventLoop)
            }.get()
            return ArmConnection(channel: channel, handler: handler)
        } catch {
            throw ArmFailure(kind: .refused)
        }
    }

    /// Whether a request can be sent. Only on its event loop.
    var isOpen: Bool { handler.value.isOpen }

    /// Sends a request and calls `done` when the whole answer came, or why it did not; after a
    /// failure, and after an answer that says so, the connection is closed. Only on its event loop.
    func send(
        _ request: ArmRequest, then done: @escaping (Result<TimedAnswer, ArmFailure>) -> Void
    ) {
        handler.value.send(request, then: done)
    }

    /// Sends a request and waits for the whole answer; throws `ArmFailure`.
    func send(_ request: ArmRequest) async throws(ArmFailure) -> TimedAnswer {
        let result: Result<TimedAnswer, ArmFailure> = await withCheckedContinuation { waiter in
            channel.eventLoop.execute {
                send(request) { waiter.resume(returning: $0) }
            }
        }
        return try result.get()
    }

    /// Closes the connection without waiting.
    func drop() {
        channel.close(promise: nil)
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
    var bytes: ByteBuffer
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
