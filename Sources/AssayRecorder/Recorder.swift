import AssayCapture
public import AssayCore
import NIOCore
import NIOPosix
import SystemPackage

/// A proxy that passes HTTP/1.1 through byte for byte and records what passed in a journal.
///
/// Traffic comes first: where recording cannot keep up, runs out of room, or cannot follow the
/// framing, the recording is dropped and counted, never the traffic. Nothing is added to a message.
public struct Recorder: Sendable {
    /// What it does.
    public let configuration: RecorderConfiguration
    let state: RecorderState
    /// There where an upstream speaks TLS.
    private let tls: UpstreamTLS?

    /// The addresses that a recorder listens on.
    public struct Addresses: Hashable, Sendable {
        /// Where clients connect to.
        public let listen: Upstream
        /// Where the service reaches each dependency, by name.
        public let egress: [String: Upstream]
        /// Bytes of whole frames of an earlier run that the recording goes on behind, and of a torn
        /// frame that were cut off.
        public let continued: Int, torn: Int
    }

    /// Makes a recorder. Throws `.usage` for an address that other machines reach, unless that is
    /// allowed, for two dependencies of one name, and for certificates to trust that cannot be read.
    public init(_ configuration: RecorderConfiguration) throws(AssayError) {
        for address in [configuration.listen] + configuration.egress.map(\.listen) {
            guard configuration.allowsRemoteClients || address.isLoopback else {
                throw AssayError(
                    .usage, "\(address) could be reached from other machines",
                    hint: "listen on 127.0.0.1:\(address.port), or allow remote clients in words")
            }
        }
        guard Set(configuration.egress.map(\.name)).count == configuration.egress.count else {
            throw AssayError(.usage, "two dependencies to record have the same name")
        }
        let upstreams = [configuration.upstream] + configuration.egress.map(\.upstream)
        tls =
            upstreams.contains(where: \.isTLS)
            ? try UpstreamTLS(authorities: configuration.authorities) : nil
        self.configuration = configuration
        state = RecorderState(bufferLimit: configuration.bufferLimit)
    }

    /// The counters now; may be asked at any time from any thread.
    public var counters: RecorderCounters { state.snapshot }

    /// Records until `stop` returns, which it must also do when the task is cancelled.
    ///
    /// `started` is told the addresses when all are listened on. At the end no new connection is
    /// taken, exchanges in flight are waited for within the drain timeout, and the journal is made
    /// durable. Throws `.network` for an address that cannot be listened on, and what opening the
    /// journal throws; a journal that fails later is in the counters.
    public func run(
        until stop: @Sendable () async -> Void,
        started: @Sendable (Addresses) async -> Void = { _ in }
    ) async throws(AssayError) -> Recording {
        let sink = try JournalSink(configuration, state: state)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.threads))
        let outcome: Result<Void, AssayError>
        do throws(AssayError) {
            try await relay(group, sink, until: stop, started: started)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        let recorded = await sink.finish()
        do {
            try await group.shutdownGracefully()
        } catch {
            throw AssayError(.network, "could not end the recorder's threads", cause: error)
        }
        try outcome.get()
        return Recording(counters: state.snapshot, recorded: recorded)
    }

    private func relay(
        _ group: MultiThreadedEventLoopGroup, _ sink: JournalSink,
        until stop: @Sendable () async -> Void, started: @Sendable (Addresses) async -> Void
    ) async throws(AssayError) {
        let front = Relay(configuration: configuration, state: state, sink: sink, tls: tls)
        let behind = Relay(configuration: configuration, state: state, sink: sink, tls: tls)
        var listeners: [any Channel] = []
        var egress: [String: Upstream] = [:]
        do throws(AssayError) {
            listeners.append(
                try await front.listen(
                    group, on: configuration.listen, upstream: configuration.upstream, egress: nil))
            for each in configuration.egress {
                let channel = try await behind.listen(
                    group, on: each.listen, upstream: each.upstream, egress: each.name)
                listeners.append(channel)
                egress[each.name] = Relay.address(of: channel, like: each.listen)
            }
        } catch {
            await close(listeners[...])
            throw error
        }
        let flushing = group.next().scheduleRepeatedTask(
            initialDelay: .seconds(1), delay: .seconds(1)
        ) { _ in sink.flush() }
        let listen = Relay.address(of: listeners[0], like: configuration.listen)
        await started(
            Addresses(
                listen: listen, egress: egress, continued: sink.continued, torn: sink.torn))
        await stop()
        flushing.cancel()
        // The dependencies stay within reach until the service has answered all it was asked.
        let nanoseconds = Int64(configuration.drainTimeout / .nanoseconds(1))
        await close(listeners.prefix(1))
        await front.table.drain(timeout: .nanoseconds(nanoseconds), on: group.next())
        await close(listeners.dropFirst())
        await behind.table.drain(timeout: .nanoseconds(nanoseconds), on: group.next())
    }

    private func close(_ listeners: ArraySlice<any Channel>) async {
        for listener in listeners {
            // A listener that is closed already is what is wanted.
            try? await listener.close().get()
        }
    }
}
