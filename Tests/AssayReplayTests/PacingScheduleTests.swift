import AssayCore
import AssayReplay
import Testing

@Suite("pacing")
struct PacingScheduleTests {
    private typealias Entry = PacingSchedule.Entry

    private func drain(_ schedule: inout PacingSchedule, entries: [Entry]) -> [PacingSchedule.Step]
    {
        var left = entries[...]
        var steps: [PacingSchedule.Step] = []
        while true {
            let step = schedule.next()
            switch step {
            case .read:
                if let entry = left.popFirst() { schedule.add(entry) } else { schedule.close() }
            case .send:
                steps.append(step)
            case .wait, .finished:
                steps.append(step)
                return steps
            }
        }
    }

    @Test("a session's exchanges wait for each other, those of others pass by")
    func sessions() {
        var schedule = PacingSchedule(pacing: .max, window: 100, startedAt: 0)
        let entries = [
            Entry(number: 0, session: "a", recordedAt: 0),
            Entry(number: 1, session: "a", recordedAt: 1),
            Entry(number: 2, session: "b", recordedAt: 2),
            Entry(number: 3, session: nil, recordedAt: 3),
        ]
        #expect(
            drain(&schedule, entries: entries) == [
                .send(number: 0, at: nil), .send(number: 2, at: nil), .send(number: 3, at: nil),
                .wait,
            ])
        schedule.ended(2)
        #expect(schedule.next() == .wait)
        schedule.ended(0)
        #expect(schedule.next() == .send(number: 1, at: nil))
        #expect(schedule.next() == .finished)
    }

    @Test("the window bounds what is read ahead behind one long session")
    func window() {
        var schedule = PacingSchedule(pacing: .max, window: 3, startedAt: 0)
        var read = 0
        loop: while true {
            switch schedule.next() {
            case .read:
                schedule.add(Entry(number: read, session: "one", recordedAt: Int64(read)))
                read += 1
            case .wait: break loop
            default: continue
            }
        }
        #expect(read == 4)
    }

    @Test("times are those of the capture, divided by the speed, from the start")
    func schedule() {
        var schedule = PacingSchedule(pacing: .schedule(speed: 10), window: 8, startedAt: 500)
        let entries = [
            Entry(number: 0, session: nil, recordedAt: 1_000_000),
            Entry(number: 1, session: nil, recordedAt: 1_000_100),
            Entry(number: 2, session: nil, recordedAt: .max),
        ]
        let steps = drain(&schedule, entries: entries)
        #expect(steps.prefix(2) == [.send(number: 0, at: 500), .send(number: 1, at: 510)])
        #expect(steps.count == 4)
    }

    @Test("a rate spaces the exchanges evenly, whenever they were recorded")
    func rate() {
        var schedule = PacingSchedule(pacing: .rate(4), window: 8, startedAt: 0)
        let entries = (0..<3).map { Entry(number: $0, session: nil, recordedAt: 7) }
        #expect(
            drain(&schedule, entries: entries) == [
                .send(number: 0, at: 0), .send(number: 1, at: 250_000_000),
                .send(number: 2, at: 500_000_000), .finished,
            ])
    }

    @Test("every exchange is sent exactly once, in order within its session, however they end")
    func everything() {
        var generator = SplitMix64(seed: 7)
        for _ in 0..<50 {
            var schedule = PacingSchedule(pacing: .max, window: 5, startedAt: 0)
            let sessions = (0..<200).map { _ in Int.random(in: 0..<6, using: &generator) }
            var read = 0
            var flying: [Int] = []
            var sent: [Int] = []
            loop: while true {
                switch schedule.next() {
                case .read where read < sessions.count:
                    let session = sessions[read] == 0 ? nil : "s\(sessions[read])"
                    schedule.add(Entry(number: read, session: session, recordedAt: Int64(read)))
                    read += 1
                case .read: schedule.close()
                case .send(let number, _):
                    sent.append(number)
                    flying.append(number)
                case .wait:
                    let place = Int.random(in: flying.indices, using: &generator)
                    schedule.ended(flying.remove(at: place))
                case .finished: break loop
                }
            }
            #expect(sent.sorted() == Array(0..<200))
            for session in 1..<6 {
                let own = sent.filter { sessions[$0] == session }
                #expect(own == own.sorted())
            }
        }
    }
}
