import NIOCore
public import NIOHTTP1
import NIOPosix

/// A server on loopback whose answers a closure gives, with the faults of a bad network.
public struct ScriptedHTTPServer: Sendable {
    /// A request that arrived whole.
    public struct Request: Sendable {
        public let method: HTTPMethod, path: String
        public let headers: HTTPHeaders
        public let body: [UInt8]
    }

    /// An answer.
    public struct Reply: Sendable {
        public var status: Int
        public var headers: HTTPHeaders
        public var body: [UInt8]
        /// Close the connection after these bytes of the body.
        public var cutAfter: Int?
        /// Send this many bytes of the body at a time, with a wait after each.
        public var drip: (bytes: Int, wait: Duration)?
        /// Never answer at all.
        public var hangs = false

        /// Makes an answer.
        public init(_ status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    /// How a request ends before it is whole.
    public struct Cut: Sendable {
        /// After how many bytes of its body.
        let after: Int
        /// Whether the connection stays, and nobody reads it, instead of being closed.
        let freezes: Bool

        /// Makes a cut.
        public init(after: Int, freezes: Bool = false) {
            self.after = after
            self.freezes = freezes
        }
    }

    /// Where it listens.
    public let port: Int
    /// Host and port.
    public var host: String { "127.0.0.1:\(port)" }

    /// Serves while `body` runs. `cut` says where a request's connection ends; `answer` gives the
    /// answers.
    public static func with<R: Sendable>(
        cut: @escaping @Sendable (HTTPRequestHead) -> Cut? = { _ in nil },
        answer: @escaping @Sendable (Request) async throws -> Reply,
        _ body: @escaping @Sendable (ScriptedHTTPServer) async throws -> R
    ) async throws -> R {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let port = server.channel.localAddress?.port ?? 0
        return try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask { try await body(ScriptedHTTPServer(port: port)) }
            group.addTask {
                try await server.executeThenClose { connections in
                    try await withThrowingDiscardingTaskGroup { group in
                        for try await connection in connections {
                            group.addTask { await serve(connection, cut: cut, answer: answer) }
                        }
                    }
                }
                return nil
            }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            throw CancellationError()
        }
    }

    private static func serve(
        _ connection: NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>,
        cut: @Sendable (HTTPRequestHead) -> Cut?,
        answer: @escaping @Sendable (Request) async throws -> Reply
    ) async {
        do {
            try await connection.executeThenClose { inbound, outbound in
                var head: HTTPRequestHead?
                var body: [UInt8] = []
                var limit: Cut?
                for try await part in inbound {
                    switch part {
                    case .head(let received):
                        head = received
                        body = []
                        limit = cut(received)
                    case .body(let bytes):
                        body += bytes.readableBytesView
                        guard let limit, body.count >= limit.after else { continue }
                        if limit.freezes { try await Task.sleep(for: .seconds(600)) }
                        return
                    case .end:
                        guard let head else { return }
                        let request = Request(
                            method: head.method, path: head.uri, headers: head.headers, body: body)
                        let reply = try await answer(request)
                        guard try await send(reply, to: request, outbound) else { return }
                    }
                }
            }
        } catch {
            // A connection that the test broke, or the client, is the point of the test.
        }
    }

    /// Sends an answer; gives whether the connection stays.
    private static func send(
        _ reply: Reply, to request: Request,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws -> Bool {
        if reply.hangs {
            try await Task.sleep(for: .seconds(600))
            return false
        }
        var headers = reply.headers
        if !headers.contains(name: "Content-Length") {
            headers.add(name: "Content-Length", value: "\(reply.body.count)")
        }
        try await outbound.write(
            .head(
                HTTPResponseHead(
                    version: .http1_1, status: .init(statusCode: reply.status), headers: headers)))
        let whole = request.method == .HEAD ? [] : reply.body
        var rest = whole.prefix(reply.cutAfter ?? whole.count)
        let step = reply.drip?.bytes ?? max(rest.count, 1)
        while !rest.isEmpty {
            try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: rest.prefix(step)))))
            rest = rest.dropFirst(step)
            if let drip = reply.drip { try await Task.sleep(for: drip.wait) }
        }
        if reply.cutAfter != nil { return false }
        try await outbound.write(.end(nil))
        return true
    }
}
