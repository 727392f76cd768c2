import AssayCore
import Testing

@testable import AssayEnvironment

@Suite("child processes")
struct ChildProcessTests {
    private func child(_ command: String..., timeout: Duration = .seconds(60), limit: Int = 1 << 20)
        -> ChildProcess
    {
        ChildProcess(
            command: command, environment: ["PATH": "/usr/bin:/bin", "A": "b c"],
            timeout: timeout, outputLimit: limit)
    }

    @Test("both streams, the status and the environment are the child's own")
    func streams() throws {
        var lines: [String] = []
        let done = try child("/bin/sh", "-c", "echo /; echo \"$A\" >&2; printf end; exit 3").run {
            lines.append($0)
        }
        #expect(done.status == 3)
        #expect(String(decoding: done.output, as: UTF8.self) == "/\nend")
        #expect(String(decoding: done.errors, as: UTF8.self) == "b c\n")
        #expect(Set(lines) == ["/", "b c", "end"])
    }

    @Test("a child ended by a signal says so")
    func signals() throws {
        #expect(try child("/bin/sh", "-c", "kill -9 $$").run().status == 137)
    }

    @Test("a child that takes too long is killed")
    func timeout() {
        let error = #expect(throws: AssayError.self) {
            try child("/bin/sleep", "600", timeout: .milliseconds(50)).run()
        }
        #expect(error?.code == .limit)
    }

    @Test("a child that writes without end is stopped")
    func endless() {
        let error = #expect(throws: AssayError.self) {
            try child("/usr/bin/yes", limit: 1 << 17).run()
        }
        #expect(error?.code == .limit)
    }

    @Test("a program that is not there is named")
    func missing() {
        let error = #expect(throws: AssayError.self) { try child("/no/such/program").run() }
        #expect(error?.message.contains("/no/such/program") == true)
    }
}
