import AssayCore
import AssayGit
import AssayPromotion
import Testing

@Suite("References that grew on both sides")
struct RejoinTests {
    typealias Fixture = PromotionTests

    /// Writes a commit on a reference of a repository.
    @discardableResult
    private func add(
        _ files: [String: String], to name: String, by author: String, in repository: Repository
    ) throws -> CommitID {
        let head = try repository.reference(name)
        let commit = try repository.writeCommit(
            files: files.mapValues { Array($0.utf8) }, onto: head, message: "by \(author)",
            author: Signature(name: author, email: "\(author)@example.com", time: 7))
        try repository.updateReference(name, to: commit, expecting: head, message: "test")
        return commit
    }

    @Test("commits on different stages are joined, with their authors, ours on top")
    func join() async throws {
        try await Fixture.withRepository { path in
            let repository = try Repository.discover(from: path)
            let reference = RemoteReference(
                name: Ledger.reference, remote: "origin", repository: repository)
            let root = try add(
                ["s/stages/dev.json": "0"], to: reference.name, by: "ada", in: repository)
            try repository.updateReference(
                reference.trackingName, to: root, expecting: nil, message: "test")
            try add(
                ["s/stages/prod.json": "1"], to: reference.trackingName, by: "bea", in: repository)
            try add(["s/stages/dev.json": "2"], to: reference.name, by: "ada", in: repository)
            try add(["t/stages/dev.json": "3"], to: reference.name, by: "kim", in: repository)
            #expect(try reference.follow() == .diverged)
            #expect(try reference.rejoin().moved == ["by ada", "by kim"])
            let head = try #require(try repository.reference(reference.name))
            let theirs = try #require(try repository.reference(reference.trackingName))
            #expect(try repository.isAncestor(theirs, of: head))
            #expect(try repository.info(head).author.name == "kim")
            for (file, text) in [
                ("s/stages/prod.json", "1"), ("s/stages/dev.json", "2"), ("t/stages/dev.json", "3"),
            ] {
                #expect(try repository.file(file, at: head, limit: 10) == Array(text.utf8))
            }
            #expect(try reference.follow() == .current)
        }
    }

    @Test("two decisions about one stage are told with both names, and change nothing")
    func conflict() async throws {
        try await Fixture.withRepository { path in
            let repository = try Repository.discover(from: path)
            let reference = RemoteReference(
                name: Ledger.reference, remote: "origin", repository: repository)
            try add(
                ["s/stages/dev.json": "1"], to: reference.trackingName, by: "bea", in: repository)
            let ours = try add(
                ["s/stages/dev.json": "2"], to: reference.name, by: "ada", in: repository)
            let error = #expect(throws: AssayError.self) { try reference.rejoin() }
            #expect(error?.code == .conflict)
            #expect(
                error?.message.contains("ada") == true && error?.message.contains("bea") == true)
            #expect(error?.hint?.contains("git update-ref refs/assay/ledger") == true)
            #expect(try repository.reference(reference.name) == ours)
        }
    }

    @Test("the same change on both sides is taken once")
    func equal() async throws {
        try await Fixture.withRepository { path in
            let repository = try Repository.discover(from: path)
            let reference = RemoteReference(
                name: VerdictStore.reference, remote: "origin", repository: repository)
            let theirs = try add(["a": "1"], to: reference.trackingName, by: "bea", in: repository)
            try add(["a": "1"], to: reference.name, by: "ada", in: repository)
            #expect(try reference.rejoin().moved.isEmpty)
            #expect(try repository.reference(reference.name) == theirs)
        }
    }
}
