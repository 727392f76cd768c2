import NIOCore

/// The two channels of one relayed connection, and the recording of what passes between them.
///
/// Everything here happens on the one event loop that both channels share.
final class RelayedConnection {
    private let state: RecorderState
    private var pairing: MessagePairing
    private var tap: ConnectionTap
    private var hasEnded = false
    private var isDraining = false
    /// Whether clients' traffic goes on here that is not followed any more.
    private var isUntracked = false
    private let isEgress: Bool
    /// The side of the client, and that of the service.
    private(set) var client: RelayHandler?
    private(set) var service: RelayHandler?

    init(state: RecorderState, pairing: MessagePairing, tap: ConnectionTap, isEgress: Bool) {
        self.state = state
        self.pairing = pairing
        self.tap = tap
        self.isEgress = isEgress
    }

    /// Joins the two handlers, each of which writes to the other's channel.
    func join(client: RelayHandler, service: RelayHandler) {
        self.client = client
        self.service = service
        client.partner = service
        service.partner = client
    }

    /// Lets go of the handlers, which hold this object.
    private func part() {
        client?.partner = nil
        service?.partner = nil
        client = nil
        service = nil
    }

    /// Notes bytes before they are passed on.
    func received(_ buffer: ByteBuffer, from side: RelayHandler.Side) {
        let count = buffer.readableBytes
        if !isEgress {
            state.update { counters in
                if side == .client {
                    counters.bytesUp += count
                } else {
                    counters.bytesDown += count
                }
            }
        }
        guard !pairing.isOff else { return }
        let bytes = Array(buffer.readableBytesView)[...]
        let time = state.clock.now
        switch side {
        case .client: tap.handle(pairing.request(bytes, at: time))
        case .service: tap.handle(pairing.response(bytes, at: time))
        }
        // Its exchanges go on unseen, and calls may be made for them.
        if pairing.isOff, !isEgress, !hasEnded {
            isUntracked = true
            state.inFlight.beginUntracked()
        }
    }

    /// Notes that a side sends no more. Only the service's own end makes a body whole that ends with
    /// the connection.
    func inputEnded(_ side: RelayHandler.Side) {
        guard side == .service else { return }
        tap.handle(pairing.responseEnded(at: state.clock.now))
    }

    /// Notes that a channel failed: what was under way on it is not whole.
    func broken() { tap.handle(pairing.connectionLost()) }

    /// Notes that a channel is gone, and with it the connection.
    func closed() {
        guard !hasEnded else { return }
        hasEnded = true
        // The service's own end was told before; this one may have cut what it was sending.
        tap.handle(pairing.connectionLost())
        if isUntracked { state.inFlight.endUntracked() }
        if !isEgress { state.update { $0.openConnections -= 1 } }
    }

    /// Lets go when both channels are gone.
    func channelGone(_ side: RelayHandler.Side) {
        closed()
        if side == .client { client = nil } else { service = nil }
        if client == nil, service == nil { part() }
    }

    /// Closes the connection as soon as no exchange is in flight.
    func drain() {
        isDraining = true
        closeIfDrained()
    }

    /// Closes the connection when it is draining and at rest; asked after every read.
    func closeIfDrained() {
        guard isDraining, pairing.isIdle, !pairing.isOff || hasEnded else { return }
        client?.closeAfterWrites()
        service?.closeAfterWrites()
    }

    /// Closes the connection now.
    func abort() {
        client?.close()
        service?.close()
    }
}
