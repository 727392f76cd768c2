import AssayEnvironment
import Testing

@Suite("modules that added files hide")
struct PythonModulesTests {
    private let modules = PythonModules(files: [
        "app.py", "app/data.json", "models/net.pth", "lib/fast.cpython-311-x86_64-linux-gnu.so",
        "pack/__init__.py", "pack/part.py", "space/inner/part.py", "old.pyc",
        "stable.abi3.so", "plain.so", "lib/python3.11/site-packages/six.py",
    ])

    @Test(
        "what Python takes before a known module hides it",
        arguments: [
            ("app/__init__.py", "app.py"), ("app.so", "app.py"), ("app.abi3.so", "app.py"),
            ("app.cpython-311-x86_64-linux-gnu.so", "app.py"), ("old.py", "old.pyc"),
            ("lib/fast/__init__.py", "lib/fast.cpython-311-x86_64-linux-gnu.so"),
            ("pack/part/__init__.pyc", "pack/part.py"), ("space.py", "space/"),
            ("space/inner.so", "space/inner/"), ("pack/__init__.abi3.so", "pack/__init__.py"),
            ("stable.cpython-311-x86_64-linux-gnu.so", "stable.abi3.so"),
            ("plain.abi3.so", "plain.so"),
            ("lib/python3.11/site-packages/six/__init__.py", "lib/python3.11/site-packages/six.py"),
        ])
    func hidden(added: String, known: String) {
        #expect(modules.hidden(by: added) == "which Python loads in place of \(known)")
    }

    @Test("what Python loads unasked is told wherever it stands")
    func unasked() {
        let site = "lib/python3.11/site-packages"
        #expect(modules.hidden(by: "\(site)/x.pth") == "which Python reads at each start")
        for added in [
            "sitecustomize.py", "\(site)/usercustomize.so", "\(site)/sitecustomize/__init__.py",
        ] {
            #expect(modules.hidden(by: added) == "which Python runs at each start", "\(added)")
        }
    }

    @Test(
        "bytecode, data, and modules of new names or that come after known ones hide nothing",
        arguments: [
            "__pycache__/app.cpython-311.pyc", "app.pyc", "new.py", "new/__init__.py", "pack.py",
            "pack.so", "lib/fast.py", "models/other.pth", "app.log", "app", "app/more.json", ".py",
            "space/__init__.py", "space/inner/__init__.py", "space/inner/new.py", "__init__.py",
            "pack/__pycache__/part.so", "libapp.so.1", "stable.so", "pack/__init__.pyc",
        ])
    func ordinary(added: String) {
        #expect(modules.hidden(by: added) == nil)
    }
}
