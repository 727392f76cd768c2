import AssayCapture
import AssayComparison
import Testing

@testable import AssayReplay

@Suite("answers of the confirmation")
struct ConfirmationAnswersTests {
    private func exchange(_ number: Int) -> Exchange {
        Exchange(
            request: Array("POST /score HTTP/1.1\r\ncontent-length: 0\r\n\r\n".utf8),
            response: Array("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".utf8),
            startedAt: Int64(number), firstByteAfter: 1, endedAfter: 2, route: "POST /score")
    }

    private func kept(of order: [Int], rounds: Int) async -> (Set<String>, Set<String>) {
        // 24 answers of about 550 bytes, of which 20 fit.
        let answers = ConfirmationAnswers(byteLimit: 20 * 560)
        for round in 0..<rounds {
            for number in order {
                let exchange = exchange(number)
                await answers.add(
                    ArmAnswer(recorded: exchange, method: "POST", calls: nil), of: exchange,
                    isOld: round % 2 == 0)
            }
        }
        return (Set(await answers.sides.keys), await answers.givenUp)
    }

    @Test(
        "what does not fit is given up by hash, in whatever order answers come, and no more of it")
    func order() async {
        let (first, gone) = await kept(of: Array(0..<12), rounds: 2)
        let (second, _) = await kept(of: Array((0..<12).reversed()), rounds: 2)
        #expect(first == second && !first.isEmpty && !gone.isEmpty)
        #expect(first.count >= 8, "\(first.count) of 12 exchanges were kept")
        #expect(first.union(gone).count == 12 && first.isDisjoint(with: gone))
    }
}
