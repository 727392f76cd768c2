import AssayCore
import AssayStore
import AssaySystem
import Glibc
import Subprocess
import SystemPackage
import Testing

/// Lets the built `assay` die or fail at every call that changes the disk, one after the other.
@Suite("A store after a crash")
struct StoreCrashTests {
    /// A command with what goes wrong in it: at every call, or at every third.
    struct Case: Sendable, CustomStringConvertible {
        let command: [String]
        let effect: String
        let step: Int
        var description: String { "\(effect) in \(command.joined(separator: " "))" }
    }

    static let track = ["track", "weights/weights.json"]
    static let create = ["bundle", "create"]
    static let cases = [
        Case(command: track, effect: "kill", step: 1),
        Case(command: create, effect: "kill", step: 1),
        Case(command: create, effect: "tear", step: 3),
        Case(command: create, effect: "EIO", step: 3),
        Case(command: create, effect: "ENOSPC", step: 3),
        Case(command: track, effect: "EROFS", step: 3),
    ]

    @Test(
        "dying at any write, rename or sync leaves refs old or new and nothing lost",
        arguments: cases)
    func everywhere(test: Case) async throws {
        let repository = try await ServiceRepository.make()
        try await repository.expect(0, "bundle", "create")
        try repository.write("service/app.py", "print(2)\n")
        try repository.write("weights/weights.json", #"{"bias": 2.5, "slope": 0.25}"#)
        if test.command == Self.create {
            try await repository.expect(0, "track", "weights/weights.json")
            try await repository.commit("version 2")
        }
        let place = repository.outside.appending("run")
        try await copy(repository.path, to: place)
        // What the command leaves behind when nothing goes wrong.
        let before = try snapshot(place)
        _ = try await Program.run(.path(Program.assay), test.command, in: place)
        let after = try snapshot(place)
        #expect(before != after)

        var number = 1 - test.step
        var deaths = 0
        while true {
            number += test.step
            try await copy(repository.path, to: place)
            let outcome = try await Program.run(
                .path(Program.assay), test.command, in: place,
                variables: ["ASSAY_FAULT": "\(test.effect)@\(number)"])
            if outcome.status == 0 { break }
            deaths += 1
            let what = "\(test.effect)@\(number): \(outcome.errors)"
            let isKill = test.effect == "kill" || test.effect == "tear"
            #expect(outcome.status == (isKill ? 137 : 4), "\(what)")
            if !isKill { #expect(outcome.errors.contains("error:"), "\(what)") }
            let left = try snapshot(place)
            for (name, value) in left {
                #expect(value == before[name] || value == after[name], "\(name) after \(what)")
            }
            for name in before.keys { #expect(left[name] != nil, "\(name) after \(what)") }
            let check = try await Program.assay("store", "fsck", "--full", in: place)
            #expect(check.status == 0, "\(what) \(check.output)\(check.errors)")
            // A second try goes through, and collection finds nothing that is needed.
            let again = try await Program.run(.path(Program.assay), test.command, in: place)
            #expect(again.status == 0, "\(what) \(again.errors)")
            #expect(try snapshot(place) == after, "after \(what)")
            if number % 8 == 1 {
                let gc = try await Program.assay(
                    "store", "gc", "--grace", "0", "--apply", in: place)
                #expect(gc.status == 0, "\(what) \(gc.errors)")
                let verify = try await Program.assay("bundle", "verify", in: place)
                #expect(verify.status == 0, "\(what) \(verify.errors)")
            }
            try #require(number < 2000, "the program goes wrong without end")
        }
        #expect(deaths * test.step > 30, "only \(deaths) calls were reached")
    }

    @Test("dying at any call of a collection loses nothing that a name leads to")
    func collection() async throws {
        let repository = try await ServiceRepository.make()
        try await repository.expect(0, "bundle", "create")
        // A bundle without its name is what there is to collect.
        let store = try Store.open(at: repository.path.appending(".assay/store"))
        for (name, _) in try store.refs(in: "bundle") + store.refs(in: "provenance") {
            try store.deleteRef(name)
        }
        var number = 0
        var deaths = 0
        while true {
            number += 1
            let place = repository.outside.appending("run")
            try await copy(repository.path, to: place)
            let outcome = try await Program.run(
                .path(Program.assay), ["store", "gc", "--grace", "0", "--apply"], in: place,
                variables: ["ASSAY_FAULT": "kill@\(number)"])
            if outcome.status == 0 { break }
            deaths += 1
            #expect(outcome.status == 137)
            let check = try await Program.assay("store", "fsck", "--full", in: place)
            #expect(check.status == 0, "kill@\(number) \(check.output)\(check.errors)")
            let undo = try await Program.assay("store", "gc", "--undo", in: place)
            #expect(undo.status == 0, "kill@\(number) \(undo.errors)")
            let blobs = ".assay/store/blobs/sha256"
            #expect(
                try FileSystem.names(in: place.appending(blobs))
                    == FileSystem.names(in: repository.path.appending(blobs)), "kill@\(number)")
        }
        #expect(deaths > 5)
    }

    /// The refs of a store.
    private func snapshot(_ place: FilePath) throws -> [String: Digest] {
        let store = try Store.open(at: place.appending(".assay/store"))
        return Dictionary(
            uniqueKeysWithValues: try store.refs(in: "").map { ($0.name, $0.ref.digest) })
    }

    private func copy(_ source: FilePath, to target: FilePath) async throws {
        try FileSystem.removeTree(target)
        let outcome = try await Program.run(
            .name("cp"), ["-a", source.string, target.string], in: "/tmp")
        try #require(outcome.status == 0, "\(outcome.errors)")
    }
}
