import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayCommands

@Suite("Hook script")
struct HookScriptTests {
    @Test("the hook of the program is the file, and its second line holds the digest of the rest")
    func digest() throws {
        let file = FilePath(#filePath).removingLastComponent().removingLastComponent()
            .removingLastComponent().appending("hooks/pre-push")
        let bytes = try FileSystem.read(file)
        #expect(bytes == Array(HookScript.prePush.utf8))
        let rest = bytes.split(
            separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)[2]
        #expect(
            HookScript.isUnchanged(bytes),
            "the second line should be # assay-hook 2 \(Digest(of: Array(rest)).hex)")
    }

    @Test("a hook with one byte changed anywhere below its mark is not as Assay wrote it")
    func changes() {
        let bytes = Array(HookScript.prePush.utf8)
        for index in stride(from: 100, to: bytes.count, by: 97) {
            var changed = bytes
            changed[index] ^= 1
            #expect(!HookScript.isUnchanged(changed))
        }
        for text in ["", "#!/bin/sh\n", "#!/bin/sh\n# assay-hook 2\n", "a\n# assay-hook 2 \nb\n"] {
            #expect(!HookScript.isUnchanged(Array(text.utf8)))
        }
    }
}
