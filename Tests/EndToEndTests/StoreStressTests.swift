import AssayCore
import AssayStore
import AssaySystem
import Glibc
import Subprocess
import SystemPackage
import Testing

/// Many processes of the built program on one store at once.
@Suite("A store with many processes")
struct StoreStressTests {
    @Test("writers, readers, collection and checks at once lose nothing and see nothing hurt")
    func many() async throws {
        let repository = try await ServiceRepository.make()
        var revisions: [String] = []
        for number in 0..<6 {
            try repository.write("service/app.py", "print(\(number))\n")
            try repository.write("weights/weights.json", "{\"bias\": \(number), \"slope\": 0.25}")
            try await repository.expect(0, "track", "weights/weights.json")
            try await repository.commit("version \(number)")
            revisions.append(
                try await Program.git("rev-parse", "HEAD", in: repository.path).output
                    .trimmingLine)
        }
        let place = repository.path
        let orders = [revisions, revisions.reversed()]
        try await withThrowingTaskGroup { group in
            for order in orders {
                group.addTask {
                    for revision in order {
                        try await Self.expect("bundle", "create", revision, in: place)
                    }
                }
            }
            group.addTask {
                for _ in 0..<8 {
                    try await Self.expect("store", "gc", "--grace", "0", "--apply", in: place)
                }
            }
            group.addTask {
                for _ in 0..<4 {
                    try await Self.expect("store", "fsck", "--full", in: place)
                    try await Self.expect("capture", "list", in: place)
                    try await Self.expect("store", "stats", in: place)
                }
            }
            try await group.waitForAll()
        }
        for revision in revisions {
            try await Self.expect("bundle", "verify", revision, in: place)
        }
        try await repository.expect(0, "store", "fsck", "--full")
        #expect(try FileSystem.names(in: place.appending(".assay/store/leases")).isEmpty)
        #expect(
            try Store.open(at: place.appending(".assay/store")).refs(in: "bundle").count
                == revisions.count)
    }

    private static func expect(_ arguments: String..., in place: FilePath) async throws {
        let outcome = try await Program.run(.path(Program.assay), arguments, in: place)
        #expect(outcome.status == 0, "assay \(arguments): \(outcome.output)\(outcome.errors)")
    }
}

extension String {
    /// The text without line breaks at its end.
    fileprivate var trimmingLine: String {
        String(reversed().drop { $0.isNewline }.reversed())
    }
}
