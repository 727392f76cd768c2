import AssayCapture
import AssayCore
import NIOCore
import NIOPosix

/// Listens on addresses and joins every connection that comes with one to the upstream.
struct Relay: Sendable {
    let configuration: RecorderConfiguration
    let state: RecorderState
    let sink: JournalSink
    let tls: UpstreamTLS?
    /// The connections that came to its listeners.
    let table = ConnectionTable()

    /// Listens on an address. Throws `.network` if it cannot be had.
    func listen(
        _ group: MultiThreadedEventLoopGroup, on address: Upstream, upstream: Upstream,
        egress: String?
    ) async throws(AssayError) -> any Channel {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { client in
                accept(client, upstream: upstream, egress: egress)
            }
        do {
            return try await bootstrap.bind(host: address.host, port: address.port).get()
        } catch {
            throw AssayError(
                .network, "could not listen on \(address)",
                hint: "choose another port, or 0 for a free one", cause: error)
        }
    }

    /// The address that a listener really has.
    static func address(of channel: any Channel, like address: Upstream) -> Upstream {
        Upstream(host: address.host, port: channel.localAddress?.port ?? address.port)
    }

    /// Connects a new connection to its upstream; nothing is read from it before.
    private func accept(
        _ client: any Channel, upstream: Upstream, egress: String?
    ) -> EventLoopFuture<Void> {
        if egress == nil {
            state.update { counters in
                counters.connections += 1
                counters.openConnections += 1
            }
        }
        return connect(to: upstream, on: client.eventLoop)
            .flatMap { service in
                client.eventLoop.makeCompletedFuture { try join(client, service, egress: egress) }
                    .flatMap {
                        // A service that is gone by now has told the handlers so.
                        service.setOption(.autoRead, value: true).flatMapErrorThrowing { _ in }
                    }
            }
            .flatMapError { error in
                client.eventLoop.makeCompletedFuture {
                    try refuse(client, upstream, error as? HandshakeFailure, egress: egress)
                }
            }
    }

    /// Connects to an upstream; nothing is read from a plain one before it is joined. One in TLS is
    /// joined as the handshake ends, before anything that follows it is unpacked.
    private func connect(
        to upstream: Upstream, on eventLoop: any EventLoop
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(.seconds(10))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
        guard upstream.isTLS, let tls else {
            return bootstrap.channelOption(.autoRead, value: false)
                .connect(host: upstream.host, port: upstream.port)
        }
        // The future is made and asked for on the one event loop of the connection.
        let handshake = NIOLoopBoundBox<EventLoopFuture<Void>?>(nil, eventLoop: eventLoop)
        return
            bootstrap.channelInitializer { service in
                eventLoop.makeCompletedFuture {
                    handshake.value = try tls.add(to: service, host: upstream.host)
                }
            }
            .connect(host: upstream.host, port: upstream.port)
            .flatMap { service in
                (handshake.value ?? eventLoop.makeFailedFuture(ChannelError.eof)).map { service }
            }
    }

    private func join(_ client: any Channel, _ service: any Channel, egress: String?) throws {
        guard service.isActive else { throw ChannelError.ioOnClosedChannel }
        let header =
            if case .header(let name)? = configuration.rules.trace { name } else { "traceparent" }
        let connection = RelayedConnection(
            state: state,
            pairing: MessagePairing(
                messageLimit: configuration.messageLimit, budget: state.budget),
            tap: ConnectionTap(state: state, sink: sink, traceHeader: header, egress: egress),
            isEgress: egress != nil)
        let clientHandler = RelayHandler(side: .client, connection: connection)
        let serviceHandler = RelayHandler(side: .service, connection: connection)
        connection.join(client: clientHandler, service: serviceHandler)
        try client.pipeline.syncOperations.addHandler(clientHandler)
        try service.pipeline.syncOperations.addHandler(serviceHandler)
        table.add(connection, client: client)
    }

    private func refuse(
        _ client: any Channel, _ upstream: Upstream, _ failure: HandshakeFailure?, egress: String?
    ) throws {
        let state = state
        let handler = RefusalHandler(upstream: upstream, failure: failure) {
            guard egress == nil else { return state.update { $0.egressLost += 1 } }
            state.update { $0.refused += 1 }
            state.lose(
                \.truncated,
                failure == nil
                    ? "the upstream could not be reached"
                    : "the TLS handshake with the upstream failed")
        }
        try client.pipeline.syncOperations.addHandler(handler)
        table.add(nil, client: client)
        guard egress == nil else { return }
        client.closeFuture.whenComplete { _ in state.update { $0.openConnections -= 1 } }
    }
}
