import AssayCapture
import AssayCore
import AssayEvidence
import AssayStore
import Testing

@testable import AssayReplay

@Suite("evidence that was changed by hand", .serialized)
struct TamperedEvidenceTests {
    /// What evidence says that cannot be had from its rows again, and so is taken as it stands.
    private static let taken: Set<String> = [
        "suppressed", "places", "notes", "misses", "sending", "latency", "arms",
    ]

    private let arms = [
        PythonService.arm(.baseline), PythonService.arm(.candidate, options: ["score=0.7"]),
    ]

    private func plan(
        _ fixture: borrowing ReplayFixture, parts: [Digest] = []
    ) -> ReplayPlan {
        fixture.plan(arms) {
            $0.parts = parts
            $0.confirmation.processes = 0
        }
    }

    /// All documents that differ from one in one place.
    private func changed(_ value: JSONValue, at path: String = "") -> [(path: String, JSONValue)] {
        var all: [(path: String, JSONValue)] = []
        func add(_ other: JSONValue, _ what: String) { all.append(("\(path) \(what)", other)) }
        switch value {
        case .integer(let number):
            for other in [-1, number + 1, .max, .min] where other != number {
                add(.integer(other), "= \(other)")
            }
            add(.double(0.5), "= 0.5")
        case .string(let text):
            add(.string(text + "x"), "longer")
            add(.string(""), "empty")
            add(.integer(1), "= 1")
        case .array(let elements):
            add(.string("x"), "= x")
            if let first = elements.first {
                add(.array(elements + [first]), "with one twice")
                add(.array(Array(elements.dropFirst())), "without its first")
                for (other, changed) in changed(first, at: "\(path)/0") {
                    all.append((other, .array([changed] + elements.dropFirst())))
                }
            }
        case .object(let members):
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                var less = members
                less[key] = nil
                add(.object(less), "without \(key)")
                for (other, changed) in changed(member, at: "\(path)/\(key)") {
                    var more = members
                    more[key] = changed
                    all.append((other, .object(more)))
                }
            }
            var more = members
            more["unheard-of"] = true
            add(.object(more), "with another member")
        default: add(.string("x"), "= x")
        }
        return all
    }

    @Test("whatever was changed in its head is refused in words or makes no difference")
    func head() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(4))
        let store = fixture.store
        let whole = try await fixture.run(plan(fixture)).evidence
        let good = try await fixture.run(plan(fixture, parts: [whole.digest])).evidence
        #expect(good.timeless == whole.timeless)
        var taken = 0, refused = 0
        for (path, document) in changed(whole.json) {
            let digest = try store.put(CanonicalJSON.encode(document))
            do throws(AssayError) {
                let evidence = try await ReplayEngine.run(
                    plan(fixture, parts: [digest]), store: store, environment: [:]
                ) { _ in }
                taken += 1
                let member = path.dropFirst().split(whereSeparator: { "/ ".contains($0) }).first
                guard !Self.taken.contains(String(member ?? "")) else { continue }
                if path.hasPrefix(" without") { continue }
                #expect(evidence.timeless == whole.timeless, "\(path)")
            } catch {
                refused += 1
                #expect(
                    [.damaged, .invalidDocument, .conflict, .notFound, .usage].contains(error.code),
                    "\(path): \(error)")
                #expect(!error.message.isEmpty)
            }
        }
        #expect(taken > 50 && refused > 100, "\(taken) \(refused)")
    }

    @Test("rows, timings and examples that were changed, cut or mixed are refused in words")
    func blobs() async throws {
        let fixture = try ReplayFixture(ReplayFixture.plain(6))
        let store = fixture.store
        let whole = try await fixture.run(plan(fixture)).evidence
        func put(_ lines: [[UInt8]]) throws -> Digest {
            var output = try CompressedLines(store: store)
            for line in lines { try output.write(line + [0x0A]) }
            return try output.finish()
        }
        func text(_ lines: [[UInt8]], _ old: String, _ new: String) -> [[UInt8]] {
            lines.map { Array(String(decoding: $0, as: UTF8.self).replacing(old, with: new).utf8) }
        }
        let rows = try fixture.lines(whole.outcomes)
        let timings = try fixture.lines(try #require(whole.timings))
        let examples = try fixture.lines(try #require(whole.examples))
        let id = try ExchangeOutcome.parse(row: rows[0], name: "row").exchange
        let frame = try store.read(whole.outcomes)
        var flipped = frame
        flipped[frame.count / 2] ^= 0x10
        var cases: [(String, [Digest?])] = [
            ("rows cut in a byte", [try store.put(Array(frame.dropLast(3))), nil, nil]),
            ("rows with a byte changed", [try store.put(flipped), nil, nil]),
            ("rows that are not there", [Digest(of: [77]), nil, nil]),
            ("rows that are none", [try store.put([1, 2, 3]), nil, nil]),
            ("a row less", [try put(Array(rows.dropLast())), nil, nil]),
            ("a row twice", [try put(rows + [rows[5]]), try put(timings + [timings[5]]), nil]),
            ("rows turned round", [try put(rows.reversed()), nil, nil]),
            ("a timing less", [nil, try put(Array(timings.dropLast())), nil]),
            (
                "an exchange of elsewhere",
                [
                    try put(text(rows, id, "0000000000000000")),
                    try put(text(timings, id, "0000000000000000")), nil,
                ]
            ),
            ("rows for timings", [nil, whole.outcomes, nil]),
            ("examples that are none", [nil, nil, try put([Array("{}".utf8)])]),
            ("rows that are no JSON", [try put([Array("nonsense".utf8)]), nil, nil]),
        ]
        for huge in ["-1", "9223372036854775807", "99999999999999999999", "1e9", "\"1\""] {
            let changed = try timings.map { line in
                let value = try JSONParser.parse(line, file: "timing")
                guard case .object(var members) = value,
                    case .object(var arms)? = members["arms"]
                else { return line }
                arms["candidate"] = ["firstByte": 1, "fromIntended": 1, "fromSend": 77_777]
                members["arms"] = .object(arms)
                return Array(
                    String(decoding: CanonicalJSON.encode(.object(members)), as: UTF8.self)
                        .replacing("77777", with: huge).utf8)
            }
            cases.append(("a time of \(huge)", [nil, try put(changed), nil]))
        }
        _ = examples
        for (name, digests) in cases {
            var evidence = whole
            evidence.outcomes = digests[0] ?? whole.outcomes
            evidence.timings = digests[1] ?? whole.timings
            evidence.examples = digests[2] ?? whole.examples
            let digest = try store.put(evidence.encode())
            do throws(AssayError) {
                _ = try await ReplayEngine.run(
                    plan(fixture, parts: [digest]), store: store, environment: [:]
                ) { _ in }
                Issue.record("\(name) was taken")
            } catch {
                #expect(
                    [.damaged, .invalidDocument, .conflict, .notFound].contains(error.code),
                    "\(name): \(error)")
            }
        }
        _ = try await fixture.run(plan(fixture, parts: [whole.digest]))
    }
}
