import AssayCore
import AssayStore
import AssaySystem
import Glibc
import Subprocess
import SystemPackage
import Testing

/// Lets another process do its work at every call of a command that changes the disk, one after the
/// other: what two processes can do to each other, without chance.
@Suite("Processes that meet in a store")
struct StoreMeetingTests {
    static let store = ".assay/store"

    /// A command of the shell for that moment. It is left out while the first process holds the lock
    /// that the other would wait for, and writes its exit code into a file.
    static func meeting(_ arguments: String, lock: String, result: FilePath) -> [String: String] {
        let command = """
            unset ASSAY_FAULT
            : >\(result).reached
            flock -n -x \(store)/\(lock) true || exit 0
            "$ASSAY" \(arguments) >\(result).said 2>&1
            echo $? >\(result)
            """
        return ["ASSAY_FAULT_COMMAND": command]
    }

    static let writers = [["track", "weights/weights.json"], ["bundle", "create"]]

    @Test(
        "a collection at any call of a writer takes nothing of what it is about to name",
        arguments: writers)
    func collection(writer: [String]) async throws {
        let repository = try await ServiceRepository.make()
        try repository.write("service/app.py", "print(2)\n")
        try repository.write("weights/weights.json", #"{"bias": 2.5, "slope": 0.25}"#)
        if writer[0] == "bundle" {
            try await repository.expect(0, "track", "weights/weights.json")
            try await repository.commit("version 2")
        }
        // What an earlier process left without a name, and the writer takes up again.
        try await repository.expect(0, "bundle", "create")
        let left = try Store.open(at: repository.path.appending(Self.store))
        for (name, _) in try left.refs(in: "bundle") + left.refs(in: "provenance") {
            try left.deleteRef(name)
        }
        let result = repository.outside.appending("result")
        let place = repository.outside.appending("run")
        let met = try await atEveryCall(
            of: writer, from: repository.path, in: place, result: result,
            variables: Self.meeting(
                "store gc --grace 0 --apply", lock: "gc.lock", result: result)
        ) { what in
            let check = try await Program.assay("store", "fsck", "--full", in: place)
            #expect(check.status == 0, "\(what) \(check.output)\(check.errors)")
            if writer[0] == "bundle" {
                let verify = try await Program.assay("bundle", "verify", in: place)
                #expect(verify.status == 0, "\(what) \(verify.output)\(verify.errors)")
            }
        }
        #expect(met > 15, "only \(met) collections ran")
    }

    @Test("of two processes that race for a ref each change is kept, whoever comes between")
    func race() async throws {
        let repository = try await ServiceRepository.make()
        let first = try await head(repository.path)
        try repository.write("README", "The bundle does not hold this.\n")
        try await repository.commit("another commit of the same content")
        let second = try await head(repository.path)
        let result = repository.outside.appending("result")
        let place = repository.outside.appending("run")
        let met = try await atEveryCall(
            of: ["bundle", "create", first], from: repository.path, in: place, result: result,
            variables: Self.meeting("bundle create \(second)", lock: "lock", result: result)
        ) { what in
            let store = try Store.open(at: place.appending(Self.store))
            let provenance = try #require(try store.refs(in: "provenance").first)
            let text = String(decoding: try store.read(provenance.ref.digest), as: UTF8.self)
            for commit in [first, second] { #expect(text.contains(commit), "\(what) \(text)") }
            let check = try await Program.assay("store", "fsck", "--full", in: place)
            #expect(check.status == 0, "\(what) \(check.output)\(check.errors)")
        }
        #expect(met > 15, "only \(met) races were run")
    }

    /// Runs a command on a copy of a repository once for each of its calls, and `check` behind it.
    /// Gives how often the other process came between.
    private func atEveryCall(
        of command: [String], from source: FilePath, in place: FilePath, result: FilePath,
        variables: [String: String], check: (String) async throws -> Void
    ) async throws -> Int {
        var met = 0
        for number in 1..<2000 {
            try FileSystem.removeTree(place)
            let copy = try await Program.run(
                .name("cp"), ["-a", source.string, place.string], in: "/tmp")
            try #require(copy.status == 0, "\(copy.errors)")
            for suffix in ["", ".reached", ".said"] {
                try FileSystem.remove(FilePath("\(result)\(suffix)"))
            }
            let outcome = try await Program.run(
                .path(Program.assay), command, in: place,
                variables: variables.merging(["ASSAY_FAULT": "run@\(number)"]) { $1 })
            #expect(outcome.status == 0, "at call \(number): \(outcome.errors)")
            guard FileSystem.exists(FilePath("\(result).reached")) else { return met }
            guard FileSystem.exists(result) else { continue }
            met += 1
            let status = String(decoding: try FileSystem.read(result), as: UTF8.self)
            let said = String(
                decoding: try FileSystem.read(FilePath("\(result).said")), as: UTF8.self)
            #expect(status == "0\n", "at call \(number): \(said)")
            try await check("at call \(number)")
        }
        return met
    }

    private func head(_ path: FilePath) async throws -> String {
        let text = try await Program.git("rev-parse", "HEAD", in: path).output
        return String(text.prefix { !$0.isNewline })
    }
}
