import AssayCapture
import AssayStore
import AssaySystem
import Glibc
import Subprocess
import SystemPackage
import Testing

/// Holds the format against a reader that others wrote: warcio, where Python has it.
///
/// `ASSAY_TEST_PYTHON` names another Python than the first on the path.
@Suite("Other readers of WARC")
struct WARCReadersTests {
    static let python: Executable = {
        guard let named = unsafe getenv("ASSAY_TEST_PYTHON") else { return .name("python3") }
        return .path(FilePath(unsafe String(cString: named)))
    }()

    static func run(_ script: String, _ arguments: String...) async -> (
        isWell: Bool, output: String
    ) {
        do {
            let result = try await Subprocess.run(
                python, arguments: Arguments(["-c", script] + arguments),
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            return (result.terminationStatus.isSuccess, result.standardOutput)
        } catch {
            return (false, "\(error)")
        }
    }

    static let reading = """
        import subprocess, sys, warcio
        from warcio.archiveiterator import ArchiveIterator
        text = subprocess.run(["zstd", "-dc", sys.argv[1]], check=True, capture_output=True).stdout
        open(sys.argv[1] + ".warc", "wb").write(text)
        with open(sys.argv[1] + ".warc", "rb") as stream:
            for record in ArchiveIterator(stream):
                line = record.rec_type
                if record.http_headers: line += " " + record.http_headers.statusline
                line += " " + str(len(record.content_stream().read()))
                print(line, len(record.rec_headers.get_header("WARC-Record-ID")))
        """

    @Test(
        "what zstd makes of an exported file is read by warcio",
        .enabled { await run("import warcio, shutil; assert shutil.which('zstd')").isWell })
    func warcio() async throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-warc-test-")
        let store = try Store.create(at: directory.path.appending("store"))
        let capture = try CaptureFormatTests.seal(CaptureFormatTests.plain, directory.path, store)
        let file = directory.path.appending("c.warc.zst")
        try capture.export(to: file)
        let (isWell, output) = await Self.run(Self.reading, file.string)
        #expect(isWell, "\(output)")
        let kinds = output.split(separator: "\n").map { $0.split(separator: " ")[0] }
        let exchange = ["request", "response", "request", "response", "metadata"]
        #expect(kinds.map(String.init) == ["warcinfo"] + exchange + exchange + exchange)
        #expect(
            output.contains("response 200 OK 2 ") && output.contains("/score HTTP/1.1")
        )
    }
}
