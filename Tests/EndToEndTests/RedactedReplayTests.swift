import AssayComparison
import AssayCore
import AssayEvidence
import AssayReplay
import AssayStore
import AssaySystem
import Subprocess
import SystemPackage
import Testing

@Suite("a redacted capture at replay")
struct RedactedReplayTests {
    private static let token = "Bearer t0ken-0123456789"

    /// A service that knows its callers: it refuses those without a token, gives the token back, and
    /// scores those higher that it has the address of.
    private static let service = """

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            request = json.loads(body)
            token = self.headers.get("authorization")
            print("called with", token, flush=True)
            if token is None:
                return self.answer(401, {"error": "who are you?"})
            score = 1.0 if str(request.get("email", "")).endswith("@example.com") else 0.0
            self.answer(200, {"id": request["id"], "score": score, "token": token,
                              "email": "owner@example.com"})


        Handler.do_POST = do_POST
        if __name__ == "__main__":

        """

    private static func definition(_ more: String) -> String {
        ServiceRepository.definition
            + """
              redact:
                - {header: authorization, as: drop, at_replay: {secret: SCORER_TOKEN}}
                - {pointer: /token, as: mask}
                - {pointer: /email, as: pseudonym\(more)}

            """
    }

    /// GoReplay records of 60 calls, of which a third tell an address.
    private static func traffic() -> [UInt8] {
        var text = ""
        for number in 0..<60 {
            let tells = number % 3 == 0
            let body =
                tells
                ? #"{"id": "r\#(number)", "email": "u\#(number)@example.com"}"#
                : #"{"id": "r\#(number)"}"#
            let answer =
                #"{"id": "r\#(number)", "score": \#(tells ? "1.0" : "0.0"), "token": "Bearer prod-\#(number)-secret", "email": "owner@example.com"}"#
            text += ServiceRepository.records(
                number, body: body, answer: answer,
                headers: ["Authorization: Bearer prod-\(number)-secret"])
        }
        return Array(text.utf8)
    }

    @Test(
        "credentials are put back, answers are redacted, and what they depend on is named: nothing of it is kept"
    )
    func redacted() async throws {
        let repository = try await ServiceRepository.make(
            definition: Self.definition(", answer_depends: true"))
        let app = String(
            decoding: try FileSystem.read(repository.service.appending("service/app.py")),
            as: UTF8.self)
        try repository.write(
            "service/app.py",
            app.replacing("\nif __name__ == \"__main__\":\n", with: Self.service))
        try await repository.commit("know who calls")
        try FileSystem.replace(repository.outside.appending("known.gor"), with: Self.traffic())
        try await repository.expect(
            0, "capture", "import", repository.outside.appending("known.gor").string, "--name",
            "known")
        let words = [
            "replay", "HEAD", "--baseline", "HEAD", "--capture", "known", "--isolation", "process",
        ]
        func replay(_ variables: [String: String]) async throws -> Program.Outcome {
            try await Program.run(
                .path(Program.assay), words, in: repository.service, variables: variables)
        }

        let missing = try await replay([:])
        #expect(missing.status == 2, "\(missing.output)\(missing.errors)")
        #expect(missing.errors.contains("the secret SCORER_TOKEN"), "\(missing.errors)")

        let outcome = try await replay(["SCORER_TOKEN": Self.token])
        let said = outcome.output.replacing("\n", with: " ")
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains("60 = replayed 60"), "\(outcome.output)")
        #expect(
            said.contains("20 exchanges are not held against their recorded answers"), "\(said)")
        #expect(said.contains("which depend on /email"), "\(said)")
        #expect(said.contains("not compared: /token"), "\(said)")

        let store = try Store.open(at: repository.path.appending(".assay/store"))
        let digest = try #require(
            try store.refs(in: "evidence/scoring").first { !$0.name.contains("partial") }
        ).ref.digest
        let evidence = try EvidenceBlobs.evidence(digest, store: store)
        #expect(evidence.groups.isEmpty)
        #expect(evidence.redaction?.dependent == ["/email": 20])

        // Other rules are another question, and undeclared the field is suspected.
        try repository.write("assay.yaml", Self.definition(""))
        let undeclared = try await replay(["SCORER_TOKEN": Self.token])
        let told = undeclared.output.replacing("\n", with: " ")
        #expect(!undeclared.errors.contains("known already"), "\(undeclared.errors)")
        #expect(
            told.contains("all 20 exchanges that are not answered as in production had /email"),
            "\(told)")
        #expect(told.contains("`- {pointer: /email, as: pseudonym, answer_depends: true}`"))

        for said in [missing, outcome, undeclared] {
            #expect(!(said.output + said.errors).contains("0123456789"))
        }
        let found = try await Program.run(
            .name("grep"), ["-rlaF", "t0ken-0123456789", ".assay"], in: repository.path)
        #expect(found.status == 1, "the token stands in \(found.output)")
        let changed = try EvidenceBlobs.evidence(
            try #require(
                try store.refs(in: "evidence/scoring").first {
                    !$0.name.contains("partial") && $0.ref.digest != digest
                }
            ).ref.digest, store: store)
        let group = try #require(changed.groups.first { $0.comparison == .identity })
        #expect(group.path == "/score" && group.count == 20)
        for id in group.examples {
            let example = try #require(
                try EvidenceBlobs.example(id, of: changed, store: store))
            for arm in ["recorded", "baseline", "candidate"] {
                let answer = try #require(try example.answer(of: arm))
                let body = String(decoding: answer.body, as: UTF8.self)
                #expect(body.contains(#""token": "redacted""#), "\(arm): \(body)")
                #expect(body.contains("pseudonym-") && !body.contains("example.com"))
            }
        }
    }
}
