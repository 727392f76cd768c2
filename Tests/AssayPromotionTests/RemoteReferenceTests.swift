import AssayCore
import AssayGit
import AssayPromotion
import Testing

@Suite("Remote references")
struct RemoteReferenceTests {
    typealias Fixture = PromotionTests

    @Test("what was fetched is taken over where nothing is lost, and told where both sides grew")
    func follow() async throws {
        try await Fixture.withRepository { path in
            let repository = try Repository.discover(from: path)
            let followed = RemoteReference(
                name: VerdictStore.reference, remote: "origin", repository: repository)
            #expect(followed.trackingName == "refs/assay/remotes/origin/verdicts")
            #expect(try followed.follow() == .current)

            func add(_ bundle: Digest) throws {
                try VerdictStore(repository: repository).add(
                    Fixture.verdict(bundle, stage: "dev"), by: Fixture.author(100))
            }
            func here() throws -> CommitID? { try repository.reference(VerdictStore.reference) }
            func set(_ name: String, _ commit: CommitID?) throws {
                let commit = try #require(commit)
                let old = try repository.reference(name)
                try repository.updateReference(name, to: commit, expecting: old, message: "m")
            }
            try add(Fixture.one)
            let first = try here()
            try add(Fixture.two)
            let second = try here()
            // The remote is behind, equal, ahead.
            try set(followed.trackingName, first)
            #expect(try followed.follow() == .current)
            #expect(try here() == second)
            try set(followed.trackingName, second)
            #expect(try followed.follow() == .current)
            try set(VerdictStore.reference, first)
            #expect(try followed.follow() == .followed)
            #expect(try here() == second)
            // Both grew.
            try set(VerdictStore.reference, first)
            try add(Fixture.three)
            let ours = try here()
            #expect(try followed.follow() == .diverged)
            #expect(try here() == ours)
            // A clone that has nothing yet.
            let fresh = RemoteReference(
                name: Ledger.reference, remote: "origin", repository: repository)
            try set(fresh.trackingName, first)
            #expect(try fresh.follow() == .followed)
            #expect(try repository.reference(Ledger.reference) == first)
        }
    }
}
