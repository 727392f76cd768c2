import AssayCore
import Testing

@testable import AssayBundling

@Suite("paths and links")
struct RelativePathTests {
    @Test("good paths are good", arguments: ["a", "a/b.c", ".hidden", "a b", "...", "..a", "日本"])
    func good(_ path: String) { #expect(RelativePath.fault(in: path) == nil) }

    @Test(
        "paths that lead elsewhere are refused",
        arguments: [
            "", "/a", "a//b", "a/", "./a", "a/./b", "a/..", "..", "a\n", "a\u{0}", ".git/x",
            "x/.assay",
        ])
    func bad(_ path: String) { #expect(RelativePath.fault(in: path) != nil) }

    @Test(
        "links that stay inside are kept",
        arguments: [("a/b", "c"), ("a/b", "../c"), ("a", "b/../c"), ("a/b/c", "../../d")])
    func inside(_ path: String, _ target: String) {
        #expect(RelativePath.fault(inLinkAt: path, target: target) == nil)
    }

    @Test(
        "links that lead out are refused",
        arguments: [
            ("a", "../b"), ("a/b", "../../c"), ("a", "/etc/passwd"), ("a", ""),
            ("a/b", "x/../../../y/z"), ("a", "b\nc"),
        ])
    func outside(_ path: String, _ target: String) {
        #expect(RelativePath.fault(inLinkAt: path, target: target) != nil)
    }

    @Test("a link that leads out through other links, or in a circle, is refused; others are kept")
    func chains() {
        let map = LinkMap(targets: [
            "x/y/up": "../..", "out": "x/y/up/..", "deep/a": "../x/y/up/x/y/up/../..",
            "in": "x/y/up/x/y", "nowhere": "x/y/up/gone", "a": "b", "b": "a", "self": "self/c",
            "far": "x/y/up/out",
        ])
        for path in ["x/y/up", "in", "nowhere", "absent"] { #expect(map.fault(at: path) == nil) }
        for path in ["out", "deep/a", "far"] {
            #expect(map.fault(at: path)?.contains("leads out") == true, "\(path)")
        }
        for path in ["a", "b", "self"] {
            #expect(map.fault(at: path)?.contains("circle") == true, "\(path)")
        }
    }

    @Test("a pointer of Git LFS is told from other small files")
    func pointers() {
        let digest = String(repeating: "ab", count: 32)
        let text = "version https://git-lfs.github.com/spec/v1\noid sha256:\(digest)\nsize 12345\n"
        let pointer = LargeFilePointer(Array(text.utf8))
        #expect(pointer?.size == 12345)
        #expect(pointer?.digest.hex == digest)
        for length in 0..<text.utf8.count - 2 {
            let cut = LargeFilePointer(Array(text.utf8.prefix(length)))
            #expect(cut == nil || cut?.digest.hex == digest)
        }
        #expect(LargeFilePointer(Array("tree\nversion=v4\n".utf8)) == nil)
    }
}
