import AssayCore
import NIOCore
import NIOPosix
import Synchronization

/// The stubs that stand in for one arm's dependencies: an HTTP server on the loopback interface for
/// each, all answering from the same book.
final class ArmEgress: Sendable {
    private let book: SharedBook
    private let servers: [any Channel]
    /// The URL of each stub, by the variable that points to it.
    let variables: [String: String]

    private init(book: SharedBook, variables: [String: String], servers: [any Channel]) {
        self.book = book
        self.variables = variables
        self.servers = servers
    }

    /// Starts the stubs of an arm; throws `.network` if a port cannot be opened.
    static func start(
        _ egress: [ArmPlan.Egress], shared: SharedEgress,
        latency: ReplayPlan.EgressLatency, redaction: ReplayRedaction?, on eventLoop: any EventLoop
    ) async throws(AssayError) -> ArmEgress {
        let book = SharedBook(EgressBook(shared: shared.recorded, supplied: shared.supplied))
        var servers: [any Channel] = []
        var variables: [String: String] = [:]
        for stub in egress {
            do {
                let server = try await ServerBootstrap(group: eventLoop)
                    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .childChannelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(
                                EgressStubHandler(
                                    name: stub.name, latency: latency, redaction: redaction
                                ) { ask, kept, trace in
                                    book.state.withLock { $0.answer(ask, or: kept, trace: trace) }
                                } foreign: { found in
                                    book.state.withLock { $0.note(found, of: stub.name) }
                                })
                        }
                    }
                    .bind(host: "127.0.0.1", port: 0).get()
                servers.append(server)
                variables[stub.variable] = "http://127.0.0.1:\(server.localAddress?.port ?? 0)"
            } catch {
                // What could be opened goes with what could not.
                for server in servers { try? await server.close() }
                throw AssayError(
                    .network, "could not open a port for the egress \(stub.name)", cause: error)
            }
        }
        return ArmEgress(book: book, variables: variables, servers: servers)
    }

    /// Says that an exchange is being sent to the arm.
    func begin(exchange: String, trace: String?, calls: [EgressBook.Recorded]) {
        book.state.withLock { $0.begin(exchange: exchange, trace: trace, calls: calls) }
    }

    /// Says that the exchange was answered; gives what it asked.
    func end(exchange: String) -> EgressBook.Summary {
        book.state.withLock { $0.end(exchange: exchange) }
    }

    /// Calls outside all exchanges that nothing recorded answered.
    var strayMisses: Int { book.state.withLock { $0.strayMisses } }

    /// Lines of supplied answers that calls outside all exchanges took.
    var straySupplied: Set<Int> { book.state.withLock { $0.straySupplied } }

    /// Dependencies that were called in a protocol that is not HTTP/1.
    var foreign: Set<String> { book.state.withLock { $0.foreign } }

    /// Closes the ports.
    func close() async {
        // A port that is closed already is what is wanted.
        for server in servers { try? await server.close() }
    }

    private final class SharedBook: Sendable {
        let state: Mutex<EgressBook>

        init(_ book: EgressBook) { state = Mutex(book) }
    }
}
