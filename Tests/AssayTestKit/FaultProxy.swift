import AsyncHTTPClient
import NIOCore
public import NIOHTTP1
import Synchronization

/// Stands before a registry and does what bad networks and bad servers do, as often as it is told.
public final class FaultProxy: Sendable {
    /// What goes wrong with a request.
    public enum Fault: Sendable {
        /// The connection is closed after so many bytes of the request's body.
        case cutRequest(after: Int)
        /// Nothing more is read after so many bytes of the request's body.
        case freezeRequest(after: Int)
        /// The connection is closed after so many bytes of the answer's body.
        case cutAnswer(after: Int)
        /// The registry does what was asked, but the answer is lost.
        case loseAnswer
        /// Answers by itself, instead of the registry.
        case answer(Int, HTTPHeaders)
        /// A byte of the request's body, or of the answer's, is another.
        case corruptRequest, corruptAnswer
        /// The answer is the registry's with another status, or with a header set.
        case status(Int), header(String, String)
        /// The answer's body comes a few bytes at a time.
        case drip(bytes: Int, wait: Duration)
        /// No answer comes.
        case hang
    }

    /// A request that came.
    public struct Record: Sendable {
        public let method: String, path: String, authorization: String?
        public let range: String?
        public let size: Int
    }

    private struct Rule {
        let method: String, part: String
        let fault: Fault
        var left: Int
        var passes: Int
    }

    private let upstream: String
    private let authorization: String?
    private let rules = Mutex<[Rule]>([])
    private let seen = Mutex<[Record]>([])
    private let listening = Mutex("")

    /// Host and port.
    public var host: String { listening.withLock { $0 } }
    /// The requests that came, in order.
    public var records: [Record] { seen.withLock { $0 } }

    private init(upstream: String, authorization: String?) {
        self.upstream = upstream
        self.authorization = authorization
    }

    /// Has requests of a method whose path holds `part` fail so often, after `skipping` of them.
    public func fail(
        _ method: String, _ part: String, _ fault: Fault, times: Int = 1, skipping: Int = 0
    ) {
        rules.withLock {
            $0.append(
                Rule(method: method, part: part, fault: fault, left: times, passes: skipping))
        }
    }

    /// Whether every fault that was asked for happened.
    public var isUsedUp: Bool { rules.withLock { $0.allSatisfy { $0.left == 0 } } }

    /// Forgets what came.
    public func forget() { seen.withLock { $0 = [] } }

    /// Runs a proxy before `upstream` while `body` does; with `authorization` it shows that there, in
    /// the place of what it is shown.
    public static func with<R: Sendable>(
        _ upstream: String, authorization: String? = nil,
        _ body: @escaping @Sendable (FaultProxy) async throws -> R
    ) async throws -> R {
        let proxy = FaultProxy(upstream: upstream, authorization: authorization)
        let client = HTTPClient(configuration: .init(redirectConfiguration: .disallow))
        let result: Result<R, any Error>
        do {
            result = .success(
                try await ScriptedHTTPServer.with(
                    cut: { head in
                        let cut: ScriptedHTTPServer.Cut
                        switch proxy.peek(head) {
                        case .cutRequest(let count): cut = .init(after: count)
                        case .freezeRequest(let count): cut = .init(after: count, freezes: true)
                        default: return nil
                        }
                        _ = proxy.take(head.method.rawValue, head.uri)
                        return cut
                    },
                    answer: { try await proxy.answer($0, client) },
                    { server in
                        proxy.listening.withLock { $0 = server.host }
                        return try await body(proxy)
                    }))
        } catch { result = .failure(error) }
        try await client.shutdown()
        return try result.get()
    }

    private func peek(_ head: HTTPRequestHead) -> Fault? {
        rules.withLock { rules in
            rules.first {
                $0.left > 0 && $0.passes == 0 && $0.method == head.method.rawValue
                    && head.uri.contains($0.part)
            }?.fault
        }
    }

    private func take(_ method: String, _ path: String) -> Fault? {
        rules.withLock { rules in
            for index in rules.indices
            where rules[index].left > 0 && rules[index].method == method
                && path.contains(rules[index].part)
            {
                if rules[index].passes > 0 {
                    rules[index].passes -= 1
                    continue
                }
                rules[index].left -= 1
                return rules[index].fault
            }
            return nil
        }
    }

    private func answer(
        _ request: ScriptedHTTPServer.Request, _ client: HTTPClient
    ) async throws -> ScriptedHTTPServer.Reply {
        seen.withLock {
            $0.append(
                Record(
                    method: request.method.rawValue, path: request.path,
                    authorization: request.headers.first(name: "Authorization"),
                    range: request.headers.first(name: "Range"), size: request.body.count))
        }
        let fault = take(request.method.rawValue, request.path)
        if case .hang = fault {
            var reply = ScriptedHTTPServer.Reply(200)
            reply.hangs = true
            return reply
        }
        if case .answer(let status, let headers) = fault {
            return ScriptedHTTPServer.Reply(status, headers: headers)
        }
        var body = request.body
        if case .corruptRequest = fault, !body.isEmpty { body[body.count / 2] ^= 1 }
        var message = HTTPClientRequest(url: "http://\(upstream)\(request.path)")
        message.method = request.method
        message.headers = request.headers
        if let authorization {
            message.headers.replaceOrAdd(name: "Authorization", value: authorization)
        }
        if request.method != .GET, request.method != .HEAD { message.body = .bytes(body) }
        message.headers.remove(name: "Content-Length")
        message.headers.remove(name: "Transfer-Encoding")
        let response = try await client.execute(message, timeout: .seconds(60))
        var bytes: [UInt8] = []
        for try await part in response.body { bytes += part.readableBytesView }
        var reply = ScriptedHTTPServer.Reply(
            Int(response.status.code), headers: response.headers, body: bytes)
        switch fault {
        case .loseAnswer: throw CancellationError()
        case .cutAnswer(let count): reply.cutAfter = count
        case .corruptAnswer: if !bytes.isEmpty { reply.body[bytes.count / 2] ^= 1 }
        case .status(let status): reply.status = status
        case .header(let name, let value): reply.headers.replaceOrAdd(name: name, value: value)
        case .drip(let count, let wait): reply.drip = (count, wait)
        default: break
        }
        return reply
    }
}
