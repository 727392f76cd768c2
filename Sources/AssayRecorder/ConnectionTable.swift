import NIOCore
import Synchronization

/// The open connections of a recorder, so that they can be drained at the end.
final class ConnectionTable: Sendable {
    private struct State {
        var next = 0
        var connections: [Int: NIOLoopBound<RelayedConnection>] = [:]
        var channels: [Int: any Channel] = [:]
        var isDraining = false
    }

    private let state = Mutex(State())

    /// Adds a connection until its client's channel has closed.
    func add(_ connection: RelayedConnection?, client: any Channel) {
        let bound = connection.map { NIOLoopBound($0, eventLoop: client.eventLoop) }
        let (number, isDraining) = state.withLock { state in
            let number = state.next
            state.next += 1
            state.connections[number] = bound
            state.channels[number] = client
            return (number, state.isDraining)
        }
        if isDraining {
            if let connection { connection.drain() } else { client.close(promise: nil) }
        }
        client.closeFuture.whenComplete { [self] _ in
            state.withLock { state in
                state.connections[number] = nil
                state.channels[number] = nil
            }
        }
    }

    /// Closes every connection as its last exchange ends, and those that have not ended by then
    /// after `timeout`. Gives control back when all are closed.
    func drain(timeout: TimeAmount, on loop: any EventLoop) async {
        let (bounds, channels) = state.withLock { state in
            state.isDraining = true
            return (state.connections, Array(state.channels.values))
        }
        let related = Set(bounds.keys)
        for (number, channel) in state.withLock({ $0.channels }) where !related.contains(number) {
            channel.close(promise: nil)
        }
        for bound in bounds.values {
            bound.eventLoop.execute { bound.value.drain() }
        }
        let deadline = loop.scheduleTask(in: timeout) {
            for bound in bounds.values { bound.eventLoop.execute { bound.value.abort() } }
        }
        // However a channel ends, it has ended.
        for channel in channels { try? await channel.closeFuture.get() }
        deadline.cancel()
    }
}
