import AssayBundling
import AssayCore
import AssayStore
import AssaySystem
import Glibc
import SystemPackage
import Testing

@Suite("links where a file is pinned")
struct PinnedLinkTests {
    @Test("a link that leads nowhere, or to a directory, is told as changed")
    func links() throws {
        let made = try TestRepository.example()
        let store = try made.store()
        let file = made.root.appending("data/train.csv")
        _ = try Pinning.track(
            [file], directory: "", repository: made.repository(), store: store)
        func state() throws -> Pinning.Status.State? {
            try Pinning.status(directory: "", repository: made.repository(), store: store)
                .first { $0.path == "data/train.csv" }?.state
        }
        #expect(try state() == .unchanged)
        try FileSystem.rename(file, to: made.root.appending("data/real.csv"))
        for (target, expected) in [
            ("nowhere", Pinning.Status.State.changed), (".", .changed), ("train.csv", .changed),
            ("real.csv", .unchanged),
        ] {
            #expect(symlink(target, file.string) == 0)
            #expect(try state() == expected, "\(target)")
            try FileSystem.remove(file)
        }
    }
}
