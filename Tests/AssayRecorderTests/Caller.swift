import AssayRecorder
import NIOCore
import NIOPosix
import Synchronization

/// The inside of a service that asks its feature store before it answers.
final class Caller: Sendable {
    private let address = Mutex<Upstream?>(nil)

    func set(_ address: Upstream) { self.address.withLock { $0 = address } }

    /// Calls the store through the recorder, then gives the service's reply.
    func call(traceparent: String?) -> EventLoopFuture<Reply> {
        let promise = Bench.group.any().makePromise(of: Reply.self)
        let address = address.withLock { $0 }
        promise.completeWithTask {
            guard let address else { return Reply("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n") }
            var client = try await RawClient(Bench.group, to: address)
            let trace = traceparent.map { "traceparent: \($0)\r\n" } ?? ""
            try await client.send("GET /feature HTTP/1.1\r\nHost: s\r\n\(trace)\r\n")
            await client.read(upTo: 40)
            await client.close()
            return Reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        return promise.futureResult
    }
}

/// Holds requests until so many are there.
final class Barrier: Sendable {
    private let count: Int
    private let waiting = Mutex<[EventLoopPromise<Void>]>([])

    init(count: Int) { self.count = count }

    func wait() -> EventLoopFuture<Void> {
        let promise = Bench.group.any().makePromise(of: Void.self)
        let released = waiting.withLock { waiting in
            waiting.append(promise)
            return waiting.count >= count ? waiting : []
        }
        for each in released { each.succeed(()) }
        return promise.futureResult
    }
}
