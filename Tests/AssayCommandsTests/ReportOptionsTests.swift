import ArgumentParser
import AssayCore
import AssayReports
import AssaySystem
import SystemPackage
import Testing

@testable import AssayCommands

@Suite("Files of reports")
struct ReportOptionsTests {
    private let contents = PageContents(
        title: "evidence 1a2b3c4d5e6f of flights", about: [], judgement: nil, parts: [])
    private let output = Output(isJSON: false, isQuiet: true, isVerbose: false, colour: false)

    private func write(_ arguments: [String]) throws {
        try ReportOptions.parse(arguments).write(contents, output: output)
    }

    @Test("a file of ours is replaced, another only when asked for")
    func replacing() throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-report-test-")
        let path = directory.path.appending("report.html")
        try write(["--html", path.string])
        let first = try FileSystem.read(path)
        #expect(first == Array(HTMLReport(contents).text.utf8))
        try write(["--html", path.string])
        let foreign = Array("<!DOCTYPE html>\n<p>my notes".utf8)
        try FileSystem.replace(path, with: foreign)
        let error = #expect(throws: AssayError.self) { try write(["--html", path.string]) }
        #expect(error?.hint == "give another name, or --force to replace it")
        #expect(try FileSystem.read(path) == foreign)
        try write(["--html", path.string, "--force"])
        #expect(try FileSystem.read(path) == first)
        #expect(throws: AssayError.self) {
            try write(["--html", directory.path.string, "--force"])
        }
        #expect(try FileSystem.names(in: directory.path) == ["report.html"])
    }

    @Test("nothing is written when one of the files cannot be")
    func junitOfEvidence() throws {
        let directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-report-test-")
        let html = directory.path.appending("a.html").string
        let junit = directory.path.appending("a.xml").string
        let error = #expect(throws: AssayError.self) {
            try write(["--html", html, "--junit", junit])
        }
        #expect(
            error?.description.contains("evidence 1a2b3c4d5e6f of flights is none") == true)
        #expect(try FileSystem.names(in: directory.path).isEmpty)
        #expect(throws: (any Error).self) { try ReportOptions.parse(["--force"]) }
        #expect(throws: (any Error).self) {
            try ReportOptions.parse(["--html", html, "--junit", html])
        }
    }
}
