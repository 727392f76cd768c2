import AssayCore
import Testing

@testable import AssayEnvironment

@Suite("versions, names, credentials")
struct SmallValuesTests {
    @Test(
        "versions of Python are read strictly",
        arguments: [
            ("3.11", "3.11"), ("3.11.7", "3.11.7"), ("3", nil), ("2.7", nil), ("3.x", nil),
            ("", nil),
            ("3.11.7.1", nil), ("3.011", nil), (" 3.11", nil), ("3.11-dev", nil), ("3..1", nil),
            ("3.99999999999999999999", nil),
        ] as [(String, String?)])
    func versions(_ text: String, _ expected: String?) {
        #expect(PythonVersion(text)?.description == expected)
    }

    @Test("a declared version admits its patches and not its neighbours")
    func admits() throws {
        let version = try #require(PythonVersion("3.1"))
        #expect(version.admits("3.1.4"))
        #expect(!version.admits("3.11.4"))
        #expect(try #require(PythonVersion("3.11.7")).admits("3.11.7"))
        #expect(try !#require(PythonVersion("3.11.7")).admits("3.11.70"))
    }

    @Test("names are normalised as PEP 503 says")
    func names() {
        #expect(PackageName.normalise("Friendly-._.Bard") == "friendly-bard")
        #expect(PackageName.normalise("scikit_learn") == "scikit-learn")
    }

    @Test("users and passwords of URLs never reach the log")
    func credentials() {
        #expect(
            ToolEnvironment.withoutCredentials(
                "Looking in https://me:se@cret@pypi.example/simple, http://a/b")
                == "Looking in https://***@pypi.example/simple, http://a/b")
        #expect(ToolEnvironment.withoutCredentials("mail a@b.c ://") == "mail a@b.c ://")
    }

    @Test("tools see the index's settings, and neither secrets nor settings that redirect them")
    func passed() {
        let kept = ToolEnvironment.forTools([
            "PATH": "/bin", "PIP_INDEX_URL": "u", "PIP_TARGET": "/x", "TOKEN": "s",
            "PYTHONPATH": "/y",
        ])
        #expect(kept == ["PATH": "/bin", "PIP_INDEX_URL": "u", "PYTHONNOUSERSITE": "1"])
    }
}

@Suite("comparing environments")
struct EnvironmentComparisonTests {
    @Test("numeric libraries come first, the machine last, equal facts not at all")
    func order() {
        let old = [
            "package.numpy": "1.26.4", "package.six": "1.16.0", "machine.cores": "2",
            "variable.TZ": "UTC", "interpreter.version": "3.11.2", "os.name": "Linux",
            "package-record.numpy": "a", "package-record.idna": "a", "package.idna": "3.7",
        ]
        let new = [
            "package.numpy": "2.0.0", "machine.cores": "8", "interpreter.version": "3.11.7",
            "os.name": "Linux", "package-record.numpy": "b", "threads.OMP_NUM_THREADS": "4",
            "package-record.idna": "b", "package.idna": "3.7",
        ]
        let comparison = EnvironmentComparison(old, new)
        #expect(
            comparison.differences.map(\.key) == [
                "package.numpy", "threads.OMP_NUM_THREADS", "interpreter.version", "variable.TZ",
                "package-record.idna", "package.six", "machine.cores",
            ])
        #expect(comparison.differences[1].old == nil)
        #expect(comparison.differences[5].new == nil)
        #expect(EnvironmentComparison(old, old).differences.isEmpty)
    }

    @Test("of a secret that is set in both places no more is said than is known of both")
    func secrets() {
        func differs(_ old: String, _ new: String) -> Bool {
            !EnvironmentComparison(["secret.T": old], ["secret.T": new]).differences.isEmpty
        }
        #expect(!differs("set", "hmac-sha256:ab") && !differs("hmac-sha256:ab", "set"))
        #expect(differs("hmac-sha256:ab", "hmac-sha256:cd"))
        #expect(differs("set", "unset") && differs("hmac-sha256:ab", "unset"))
    }

    @Test("a fact nobody knows yet is reported, not dropped")
    func unknown() {
        let comparison = EnvironmentComparison(["future.fact": "1"], [:])
        #expect(comparison.differences.map(\.risk) == [.setting])
    }
}
