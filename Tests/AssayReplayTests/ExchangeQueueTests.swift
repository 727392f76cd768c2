import AssayCapture
import AssayCore
import Synchronization
import SystemPackage
import Testing

@testable import AssayReplay

@Suite("exchanges between reader, senders and judges")
struct ExchangeQueueTests {
    private func jobs(_ count: Int, session: String? = nil, size: Int = 0) throws -> [ReplayJob] {
        let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let head = try HTTPMessage(request, role: .request).head
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"
        let plan = ReplayPlan(
            service: "s", captureName: "c", capture: Digest(of: []), store: "/", runs: "/",
            arms: [PythonService.arm()], tool: "test")
        return try (0..<count).map { number in
            let exchange = Exchange(
                request: request,
                response: Array(answer.utf8) + Array(repeating: 0x61, count: size),
                startedAt: Int64(number), firstByteAfter: 0, endedAfter: 0, session: session)
            return try ReplayJob(
                exchange, head: head, number: number, position: number, plan: plan)
        }
    }

    private func queue() -> ExchangeQueue {
        ExchangeQueue(PacingSchedule(pacing: .max, window: 4096, startedAt: 0))
    }

    /// The number of the next exchange; -1 for later, `nil` at the end.
    private func next(
        _ queue: ExchangeQueue, ended: Int? = nil, wake: @escaping @Sendable () -> Void = {}
    ) -> Int? {
        switch queue.next(ended: ended.map { ($0, 0) }, wake: wake) {
        case .job(let job, _): job.number
        case .later: -1
        case .finished: nil
        }
    }

    @Test("one session goes one by one; its successor is there when the first has ended")
    func sessions() async throws {
        let queue = queue()
        await queue.add(try jobs(2, session: "s"))
        queue.close()
        #expect(next(queue) == 0)
        #expect(next(queue) == -1)
        #expect(next(queue, ended: 0) == 1)
        #expect(next(queue, ended: 1) == nil)
    }

    @Test("senders that wait for the judges learn that nothing is left to send")
    func judges() async throws {
        let queue = queue()
        let count = ExchangeQueue.openLimit
        let jobs = try jobs(count)
        for start in stride(from: 0, to: count, by: 64) {
            await queue.add(Array(jobs[start..<start + 64]))
            for number in start..<start + 64 { #expect(next(queue) == number) }
        }
        queue.close()
        let calls = Atomic<Int>(0)
        #expect(next(queue, ended: 0, wake: { calls.add(1, ordering: .relaxed) }) == -1)
        #expect(calls.load(ordering: .relaxed) == 0)
        queue.judged(64, bytes: jobs[..<64].reduce(0) { $0 + $1.size })
        #expect(calls.load(ordering: .relaxed) == 1)
        #expect(next(queue) == nil)
    }

    @Test("large exchanges wait until those before them are judged; a huge one goes alone")
    func large() async throws {
        let queue = queue()
        let large = try jobs(3, size: ExchangeQueue.openBytes / 4)
        for number in 0..<2 {
            await queue.add([large[number]])
            #expect(next(queue) == number)
        }
        await queue.add([large[2]])
        queue.close()
        let calls = Atomic<Int>(0)
        #expect(next(queue, wake: { calls.add(1, ordering: .relaxed) }) == -1)
        queue.judged(1, bytes: large[0].size)
        #expect(calls.load(ordering: .relaxed) == 1)
        #expect(next(queue) == 2)

        let alone = self.queue()
        let huge = try jobs(1, size: ExchangeQueue.openBytes)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await alone.add(huge) }
            while next(alone) != 0 { await Task.yield() }
        }
    }

    @Test("the reader waits while the queue is full of bytes, and goes on when it is half empty")
    func room() async throws {
        let queue = queue()
        let large = try jobs(3, size: ExchangeQueue.queuedBytes / 3)
        let back = Flag()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await queue.add(large)
                back.isUp.store(true, ordering: .relaxed)
            }
            while next(queue) != 0 { await Task.yield() }
            let isBackEarly = back.isUp.load(ordering: .relaxed)
            #expect(!isBackEarly)
            #expect(next(queue) == 1)
            queue.judged(2, bytes: large[0].size + large[1].size)
            #expect(next(queue) == 2)
        }
        let isBackAtLast = back.isUp.load(ordering: .relaxed)
        #expect(isBackAtLast)
    }

    @Test("what is due after the end of the time is not handed out, and a stop wakes everybody")
    func ends() async throws {
        let schedule = PacingSchedule(pacing: .rate(1), window: 10, startedAt: MonotonicClock.now)
        let queue = ExchangeQueue(schedule, deadline: MonotonicClock.now + 1_500_000_000)
        await queue.add(try jobs(4))
        #expect(next(queue) == 0)
        #expect(next(queue) == 1)
        #expect(next(queue) == nil)
        #expect(queue.isStopped)
        #expect(queue.fault == nil)
        let other = self.queue()
        let calls = Atomic<Int>(0)
        #expect(next(other, wake: { calls.add(1, ordering: .relaxed) }) == -1)
        other.onStop { calls.add(1, ordering: .relaxed) }
        other.stop(AssayError(.io, "the disk is gone"))
        #expect(calls.load(ordering: .relaxed) == 2)
        #expect(next(other) == nil)
        #expect(other.fault?.message == "the disk is gone")
    }
}

/// A flag that several tasks share.
private final class Flag: Sendable {
    let isUp = Atomic<Bool>(false)
}
