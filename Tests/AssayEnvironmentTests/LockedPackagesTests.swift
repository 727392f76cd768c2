import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayEnvironment

@Suite("locks of other tools")
struct LockedPackagesTests {
    private func packages(_ file: String, _ text: String) throws -> [String: String] {
        try LockedPackages.read(Array(text.utf8), file: file).packages
    }

    @Test("each tool's lock gives names and versions")
    func formats() throws {
        #expect(
            try packages(
                "requirements.txt",
                "# c\nNumPy==1.26.4 ; python_version < '3.13' \\\n  --hash=sha256:00\nfoo[bar]==2.0\n"
                    + "-e git+https://x/y#egg=edit_me\nlocal @ file:///tmp/x.whl\n--index-url https://i\n"
            )
                == [
                    "numpy": "1.26.4", "foo": "2.0", "edit-me": "editable",
                    "local": "file:///tmp/x.whl",
                ])
        #expect(
            try packages(
                "poetry.lock", "[[package]]\nname = \"A_b\"\nversion = \"1.0\"\n\n[metadata]\n")
                == ["a-b": "1.0"])
        #expect(
            try packages(
                "conda-lock.yml",
                "version: 1\npackage:\n- name: numpy\n  version: 1.0\n  manager: conda\n  platform: linux-64\n- name: numpy\n  version: 1.1\n  manager: conda\n  platform: osx-64\n- name: Some_Pkg\n  version: 2.0\n  manager: pip\n  platform: linux-64\n"
            ) == ["numpy": "1.0 or 1.1", "some-pkg": "2.0"])
        #expect(
            try packages(
                "environment.yml",
                "name: x\ndependencies:\n- python=3.11.5=h1\n- conda-forge::blas=2\n- pip:\n  - six==1.17.0\n"
            ) == ["python": "3.11.5", "blas": "2", "six": "1.17.0"])
        #expect(
            try packages(
                "package-lock.json",
                "{\"lockfileVersion\":3,\"packages\":{\"\":{\"name\":\"me\"},\"node_modules/a\":{\"version\":\"1.0.0\"},\"node_modules/a/node_modules/@s/b\":{\"version\":\"2.0.0\"}}}"
            ) == ["a": "1.0.0", "@s/b": "2.0.0"])
        #expect(
            try packages(
                "package-lock.json",
                "{\"dependencies\":{\"a\":{\"version\":\"1.0.0\",\"dependencies\":{\"b\":{\"version\":\"2.0.0\"}}}}}"
            ) == ["a": "1.0.0", "b": "2.0.0"])
        #expect(
            try packages(
                "go.mod",
                "module m\ngo 1.22\nrequire (\n\ta/b v1.0.0 // indirect\n)\nrequire c v2.0.0\nreplace a/b => ../b\n"
            ) == ["go": "1.22", "a/b": "v1.0.0", "c": "v2.0.0", "replace a/b": "../b"])
        #expect(
            try packages("go.sum", "a/b v1.0.0 h1:x=\na/b v1.0.0/go.mod h1:y=\n")
                == ["a/b": "v1.0.0 h1:x="])
        #expect(
            try packages(
                "Cargo.lock", "version = 4\n[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\n")
                == ["serde": "1.0.1"])
        #expect(
            try packages(
                "Package.resolved",
                "{\"pins\":[{\"identity\":\"yams\",\"state\":{\"revision\":\"0123456789abcdef\",\"version\":\"6.2.2\"}}],\"version\":3}"
            ) == ["yams": "6.2.2 0123456789ab"])
    }

    @Test("what is not of the format is refused with its place")
    func refused() throws {
        for (file, text) in [
            ("requirements.txt", "numpy>=1\n"), ("go.sum", "a b\n"), ("poetry.lock", "a = \n"),
            ("environment.yml", "name: x\n"), ("Cargo.lock", "[[package]]\nname = 1\n"),
            ("package-lock.json", "[]"), ("Package.resolved", "{}"), ("notes.md", ""),
        ] {
            #expect(throws: AssayError.self, "\(file)") { try packages(file, text) }
        }
    }

    private let uv = """
        version = 1
        requires-python = ">=3.11"

        [[package]]
        name = "service"
        version = "0.1.0"
        source = { virtual = "." }
        dependencies = [
            { name = "six" },
            { name = "colorama", marker = "sys_platform == 'win32'" },
            { name = "tool", extra = ["fast"] },
        ]

        [package.dev-dependencies]
        dev = [{ name = "pytest" }]

        [[package]]
        name = "six"
        version = "1.17.0"
        source = { registry = "https://pypi.org/simple" }
        sdist = { url = "https://x/six.tar.gz", hash = "sha256:ff70335d468e7eb6ec65b95b99d3a2836546063f63acc5171de367e834932a81", size = 1 }
        wheels = [
            { url = "https://x/six.whl", hash = "sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274", size = 1 },
        ]

        [[package]]
        name = "colorama"
        version = "0.4.6"
        source = { registry = "https://pypi.org/simple" }
        dependencies = [{ name = "deep", marker = "python_version < '3.12'" }]
        wheels = [{ url = "u", hash = "sha256:4f1d9991f5acc0ca119f9d443620b77f9d6b33703e51011c16baf57afb285fc6" }]

        [[package]]
        name = "deep"
        version = "1.0"
        source = { registry = "https://pypi.org/simple" }
        wheels = [{ url = "u", hash = "sha256:1111111111111111111111111111111111111111111111111111111111111111" }]

        [[package]]
        name = "tool"
        version = "2.0"
        source = { registry = "https://pypi.org/simple" }
        wheels = [{ url = "u", hash = "sha256:2222222222222222222222222222222222222222222222222222222222222222" }]

        [package.optional-dependencies]
        fast = [{ name = "speed" }]

        [[package]]
        name = "speed"
        version = "3.0"
        source = { registry = "https://pypi.org/simple" }
        wheels = [{ url = "u", hash = "sha256:3333333333333333333333333333333333333333333333333333333333333333" }]

        [[package]]
        name = "pytest"
        version = "9.0"
        source = { registry = "https://pypi.org/simple" }
        wheels = [{ url = "u", hash = "sha256:4444444444444444444444444444444444444444444444444444444444444444" }]

        """

    @Test("uv's lock gives what the project needs, under the markers on the way to it")
    func uvLock() throws {
        let lock = try InstallableLock(Array(uv.utf8), file: "service/uv.lock")
        let found = lock.requirements.requirements.map {
            "\($0.name) \($0.version) \($0.marker ?? "-")"
        }
        #expect(
            found == [
                "colorama 0.4.6 (sys_platform == 'win32')",
                "deep 1.0 ((sys_platform == 'win32') and (python_version < '3.12'))",
                "six 1.17.0 -", "speed 3.0 -", "tool 2.0 -",
            ])
        #expect(lock.requirements.requirements[2].hashes.count == 2)
        #expect(lock.isClosed)
        #expect(
            try RequirementsLock.parse(lock.text, file: "x").requirements.map(\.name)
                == ["colorama", "deep", "six", "speed", "tool"])
        for (old, new) in [
            ("{ name = \"six\" }", "{ name = \"seven\" }"), ("version = 1\n", "version = 9\n"),
            (
                "source = { registry = \"https://pypi.org/simple\" }",
                "source = { git = \"https://x\" }"
            ),
        ] {
            #expect(throws: AssayError.self) {
                try InstallableLock(Array(uv.replacing(old, with: new).utf8), file: "uv.lock")
            }
        }
    }

    @Test(
        "an environment is built from uv's lock, and again offline from the wheels that are kept",
        .enabled("tests may use the network") { try Locks.online })
    func uvEnvironment() throws {
        let lock = uv.replacing("    { name = \"tool\", extra = [\"fast\"] },\n", with: "")
        let directory = try TemporaryDirectory(in: "/tmp")
        var spec = Locks.spec(lock)
        spec.lockFile = "uv.lock"
        let made = try VirtualEnvironment.prepare(spec, cache: directory.path)
        #expect(made.facts["package.six"] == "1.17.0")
        #expect(made.facts["package.colorama"] == nil)
        try FileSystem.removeTree(try #require(made.root))
        var variables = try ToolEnvironment.current()
        variables["PIP_INDEX_URL"] = "http://127.0.0.1:9/simple"
        variables["PIP_NO_CACHE_DIR"] = "1"
        let again = try VirtualEnvironment.prepare(
            spec, cache: directory.path, inherited: variables)
        #expect(again.wasBuilt && again.facts["package.six"] == "1.17.0")
    }
}
