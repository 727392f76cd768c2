import AssayCore
import AssayGit
import AssaySystem
import AssayTestKit
import Subprocess
import SystemPackage
import Testing

/// The example of Documentation/TEAM.md: two clones, one registry, one bare git remote.
@Suite("A team")
struct TeamTests {
    @Test("one tracks a model and pushes; the other pulls, gates, promotes; the first sees it")
    func team() async throws {
        try await RegistryServer.with { server in
            let location = "oci+http://\(server.host)/team/models"
            let ada = try await ServiceRepository.make()
            let git = try await ada.addRemote()
            try await ada.expect(0, "remote", "add", "team", location)
            let listed = try await ada.expect(0, "remote", "list")
            #expect(listed.output.contains(location))
            // What others build on: the commit in git, the rest in the registry.
            try await Program.git("push", "-q", "--no-verify", "origin", "main", in: ada.path)
            let pushed = try await ada.expect(0, "push", "HEAD", "capture/core")
            #expect(pushed.output.contains("pinned files: pushed"))
            #expect(pushed.output.contains("capture core: pushed"))
            let again = try await ada.expect(0, "push", "HEAD", "capture/core")
            #expect(again.output.contains("capture core: everything was there already"))

            let bea = ada.outside.appending("bea")
            try await Program.git("clone", "-q", git.string, bea.string, in: ada.outside)
            try await Program.git("config", "user.name", "Bea", in: bea)
            try await Program.git("config", "user.email", "bea@example.com", in: bea)
            func assay(_ status: Int32, _ arguments: String...) async throws -> Program.Outcome {
                let outcome = try await Program.run(.path(Program.assay), arguments, in: bea)
                #expect(
                    outcome.status == status,
                    "assay \(arguments): \(outcome.output)\(outcome.errors)"
                )
                return outcome
            }
            _ = try await assay(0, "init")
            let absent = try await assay(2, "bundle", "create")
            #expect(absent.errors.contains("assay pull"))
            let unknown = try await assay(2, "pull")
            #expect(unknown.errors.contains("assay remote add"))
            _ = try await assay(0, "remote", "add", "team", location)
            // A build fetches what it lacks.
            let ours = try await ada.expect(0, "bundle", "create")
            let theirs = try await assay(0, "bundle", "create")
            #expect(theirs.errors.contains("pinned files: pulled"))
            #expect(ours.output == theirs.output)
            let pulled = try await assay(0, "pull", "HEAD", "capture/core")
            #expect(pulled.output.contains("capture core: pulled"))

            let gated = try await assay(
                0, "gate", "--to", "prod", "--isolation", "process", "--json")
            let statement = try JSONParser.parse(Array(gated.output.utf8), file: "verdict")
            let document = CanonicalJSON.encode(statement)
            let proof = try JSONReader(statement, document: "verdict")["predicate"]["judgement"][
                "evidence"
            ].elements().map { try $0["digest"].digest() }
            let name = try #require(proof.first).short
            _ = try await assay(0, "promote", "--to", "prod")
            let shared = try await assay(0, "push")
            #expect(shared.output.contains("refs/assay/ledger: 1 new on origin"))
            #expect(shared.output.contains("attached"))

            #expect(
                try await ada.expect(0, "status").output.contains("nothing of scoring is promoted"))
            let followed = try await ada.expect(0, "pull", "--only", "git")
            #expect(followed.output.contains("refs/assay/ledger: followed origin"))
            let seen = try await ada.expect(0, "status")
            #expect(seen.output.contains("prod") && seen.output.contains("Bea <bea@example.com>"))
            let verdict = try await ada.expect(0, "pull", "stage/prod")
            #expect(verdict.output.contains("with 1 verdict"))

            // The evidence holds answers of production, and travels only when it is named.
            let digits = String(Digest(of: document).hex.prefix(12))
            let shown = try await ada.expect(0, "show", digits)
            #expect(shown.output.contains("evidence \(name) is not in this store"))
            let hidden = try await ada.expect(2, "show", digits, "--group", "1")
            #expect(hidden.errors.contains("assay pull evidence/\(name)"))
            let none = try await ada.expect(2, "pull", "evidence/\(name)", "--only", "registry")
            #expect(none.errors.contains("has no evidence \(name)"))
            let sent = try await assay(0, "push", "evidence/\(name)", "--only", "registry")
            #expect(sent.output.contains("evidence \(name) of scoring: pushed"))
            let came = try await ada.expect(0, "pull", "evidence/\(name)", "--only", "registry")
            #expect(came.output.contains("evidence \(name) of scoring: pulled"))
            let whole = try await ada.expect(0, "show", digits)
            #expect(!whole.output.contains("is not in this store"))
            let page = ada.outside.appending("page.html").string
            try await ada.expect(0, "show", digits, "--html", page)
            try await ada.expect(0, "store", "fsck", "--full")

            try await Self.archive(bea, ada.outside, git: git, verdict: digits, evidence: name)

            // Only a part, into a store that has nothing.
            let part = ["--store", ada.outside.appending("part").string]
            let weights = try await Program.run(
                .path(Program.assay), ["pull", "HEAD", "--component", "weights"] + part,
                in: ada.path)
            #expect(weights.output.contains("weights of bundle"), "\(weights.errors)")
            let kept = try await Program.run(
                .path(Program.assay), ["bundle", "list"] + part, in: ada.path)
            #expect(kept.errors.contains("there is no bundle"))

            // The same content under another commit is the same bundle.
            try await Program.git(
                "commit", "-q", "--amend", "--no-verify", "-m", "told again", in: ada.path)
            let other = ["--store", ada.outside.appending("other").string]
            let amended = try await Program.run(
                .path(Program.assay), ["pull", "--component", "weights"] + other, in: ada.path)
            #expect(amended.status == 0, "\(amended.errors)")
            #expect(amended.output.contains("weights of bundle"))
        }
    }

    @Test("what moved is told at once, also as documents, and wishes that mean nothing are refused")
    func told() async throws {
        try await RegistryServer.with { server in
            let location = "oci+http://\(server.host)/team/models"
            let ada = try await ServiceRepository.make()
            let added = try await ada.expect(0, "remote", "add", "team", location, "--json")
            let remote = JSONReader(
                try JSONParser.parse(Array(added.output.utf8), file: "remote"), document: "remote")
            #expect(try remote["location"].string() == location)
            let empty = try await ada.expect(0, "pull", "--all", "--only", "registry")
            #expect(empty.errors.contains("has no bundles and no captures"))
            for command in ["push", "pull"] {
                let alone = try await ada.expect(2, command, "--only", "git")
                #expect(alone.errors.contains("git remote add origin"))
                let odd = try await ada.expect(2, command, "capture/../../x", "--only", "registry")
                #expect(odd.errors.contains("cannot be used in the store"))
            }
            let odd = try await ada.expect(2, "pull", "capture/core", "--component", "data")
            #expect(odd.errors.contains("capture/core is none"))
            let pushed = try await ada.expect(
                2, "push", "HEAD", "capture/none", "--only", "registry", "--json")
            #expect(pushed.errors.contains("none"))
            let lines = pushed.output.split(separator: "\n")
            let moved = try lines.map {
                JSONReader(try JSONParser.parse(Array($0.utf8), file: "line"), document: "line")
            }
            #expect(moved.count == 2)
            for line in moved {
                #expect(try line["schema"].string() == "assay/transfer/v1")
                #expect(try line["action"].string() == "pushed")
                #expect(try line["moved"].integer() > 0)
            }
            let removed = try await ada.expect(0, "remote", "remove", "team", "--json")
            #expect(removed.output.contains(location))
        }
    }

    /// Bea hands all she has over as one file; Kim, who has no registry, takes it in.
    private static func archive(
        _ bea: FilePath, _ outside: FilePath, git: FilePath, verdict: String, evidence: String
    ) async throws {
        func assay(
            _ place: FilePath, _ status: Int32, _ arguments: String...
        ) async throws -> Program.Outcome {
            let outcome = try await Program.run(.path(Program.assay), arguments, in: place)
            #expect(
                outcome.status == status, "assay \(arguments): \(outcome.output)\(outcome.errors)")
            return outcome
        }
        let file = outside.appending("prod.tar")
        let export = ["store", "export", "stage/prod", "--to"]
        let lean = try await assay(bea, 0, "store", "export", "stage/prod", "--to", "\(file).lean")
        #expect(lean.output.contains("bundles 1, verdicts 1, evidence 0"))
        for name in ["\(file)", "\(file).again"] {
            let outcome = try await Program.run(
                .path(Program.assay), export + [name, "--evidence"], in: bea)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("bundles 1, verdicts 1, evidence 1"))
        }
        #expect(try FileSystem.read(file) == FileSystem.read(FilePath("\(file).again")))

        let kim = outside.appending("kim")
        try await Program.git("clone", "-q", git.string, kim.string, in: outside)
        _ = try await assay(kim, 0, "init")
        let came = try await assay(kim, 0, "store", "import", "\(file).lean")
        #expect(came.output.contains("verdict \(verdict)"))
        let shown = try await assay(kim, 0, "show", verdict)
        #expect(shown.output.contains("evidence \(evidence) is not in this store"))
        _ = try await assay(kim, 0, "store", "import", file.string)
        let whole = try await assay(kim, 0, "show", verdict)
        #expect(!whole.output.contains("is not in this store"))
        let listed = try await assay(kim, 0, "bundle", "list", "--json")
        #expect(listed.output == (try await assay(bea, 0, "bundle", "list", "--json")).output)
        _ = try await assay(kim, 0, "store", "fsck", "--full")

        // One bit of it is another: nothing of it is named.
        var bytes = try FileSystem.read(file)
        bytes[bytes.count / 2] ^= 1
        try FileSystem.replace(FilePath("\(file).hurt"), with: bytes)
        let store = ["--store", outside.appending("hurt").string]
        let refused = try await Program.run(
            .path(Program.assay), ["store", "import", "\(file).hurt"] + store, in: kim)
        #expect(refused.status != 0 && !refused.errors.isEmpty)
        let kept = try await Program.run(.path(Program.assay), ["bundle", "list"] + store, in: kim)
        #expect(kept.errors.contains("there is no bundle"))
        let single = try await assay(kim, 2, "bundle", "import", file.string)
        #expect(single.errors.contains("assay store import"))
    }

    @Test(
        "certificates and proxies of the environment that cannot be used are told before anything moves"
    )
    func environment() async throws {
        let ada = try await ServiceRepository.make()
        try await ada.expect(0, "remote", "add", "team", "oci://registry.test/team/models")
        for (variables, words, hint) in [
            (["ASSAY_CA_FILE": "/nowhere.pem"], "ASSAY_CA_FILE names /nowhere.pem", "in PEM"),
            (
                ["HTTPS_PROXY": "socks5://ada:geheim@127.0.0.1:1", "https_proxy": ""],
                "HTTPS_PROXY names a proxy of another kind", "NO_PROXY=registry.test"
            ),
        ] {
            let outcome = try await Program.run(
                .path(Program.assay), ["push", "--only", "registry"], in: ada.path,
                variables: variables)
            #expect(outcome.status != 0)
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
            #expect(outcome.errors.contains(hint), "\(outcome.errors)")
            #expect(!outcome.errors.contains("geheim"))
        }
    }

    @Test("clones that push at once lose nothing of each other's")
    func race() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-race-")
        let path = directory.path
        try await Program.git("init", "-q", "--bare", path.appending("remote.git").string, in: path)
        let names = ["ada", "bea", "kim"]
        for name in names {
            let clone = path.appending(name)
            try await Program.git("init", "-q", clone.string, in: path)
            try await Program.git("remote", "add", "origin", "\(path)/remote.git", in: clone)
            try FileSystem.replace(
                clone.appending("assay.yaml"), with: Array(ServiceRepository.definition.utf8))
        }
        for round in 0..<4 {
            for name in names {
                let repository = try Repository.discover(from: path.appending(name))
                let head = try repository.reference("refs/assay/ledger")
                let commit = try repository.writeCommit(
                    files: ["s/stages/\(name)-\(round).json": Array("{}".utf8)], onto: head,
                    message: "\(name) \(round)",
                    author: Signature(name: name, email: "\(name)@example.com", time: 1))
                try repository.updateReference(
                    "refs/assay/ledger", to: commit, expecting: head, message: "test")
            }
            try await withThrowingTaskGroup(of: Program.Outcome.self) { group in
                for name in names {
                    group.addTask {
                        try await Program.run(
                            .path(Program.assay), ["push", "--only", "git"],
                            in: path.appending(name))
                    }
                }
                for try await outcome in group {
                    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
                }
            }
        }
        let remote = try Repository.discover(from: path.appending("remote.git"))
        let head = try #require(try remote.reference("refs/assay/ledger"))
        #expect(try remote.files(at: head).count == 12)
        #expect(try remote.references(under: "refs/assay/incoming/").isEmpty)
        _ = consume directory
    }
}
