import AssayBundling
import AssayCore
import AssayGit
import AssayStore
import AssaySystem
import Foundation
import Glibc
import SystemPackage
import Testing

@Suite("export and import")
struct ExchangeTests {
    private struct Made {
        let repository: TestRepository
        let store: Store
        let bundle: AssayBundling.Bundle
        var outside: FilePath { repository.directory.path }
    }

    private func make(link: Bool = true) throws -> Made {
        let made = try TestRepository.example()
        let store = try made.store()
        if link { _ = symlink("app.py", made.root.appending("service/main.py").string) }
        try made.write("service/empty.py", "")
        _ = try Pinning.track(
            [made.root.appending("data/train.csv")], directory: "", repository: made.repository(),
            store: store)
        let bundle = try BundleBuilder.build(
            repository: made.repository(), commit: made.commit(), directory: "", store: store)
        return Made(repository: made, store: store, bundle: bundle)
    }

    @Test("an OCI archive gives the bundle back with its id and manifest, and the same bytes twice")
    func archive() throws {
        let made = try make()
        let (first, second) = (made.outside.appending("a.tar"), made.outside.appending("b.tar"))
        try made.bundle.exportArchive(to: first, store: made.store)
        try made.bundle.exportArchive(to: second, store: made.store)
        #expect(try FileSystem.read(first) == FileSystem.read(second))
        let other = try made.repository.store("other")
        let bundle = try BundleImport.run(first, store: other)
        #expect(bundle.id == made.bundle.id && bundle.manifest == made.bundle.manifest)
        #expect(try bundle.verify(store: other).isEmpty)
        #expect(try BundleCatalog.list(store: other).map(\.id) == [made.bundle.id])
        #expect(bundle.commits == made.bundle.commits)
        // A second time changes nothing.
        #expect(try BundleImport.run(first, store: other).manifest == bundle.manifest)
        let error = #expect(throws: AssayError.self) {
            try made.bundle.exportArchive(to: first, store: made.store)
        }
        #expect(error?.code == .usage)
    }

    @Test("a plain directory gives the same id, and one that was edited is refused")
    func directory() throws {
        let made = try make()
        let path = made.outside.appending("plain")
        try made.bundle.exportDirectory(to: path, store: made.store)
        let other = try made.repository.store("other")
        let bundle = try BundleImport.run(path, store: other)
        #expect(bundle.id == made.bundle.id)
        #expect(bundle.files.map(\.path) == made.bundle.files.map(\.path))
        for edited in ["service/app.py", "data/train.csv", "model/model.txt", "requirements.lock"] {
            let file = path.appending("files").appending(edited)
            let before = try FileSystem.read(file)
            _ = chmod(file.removingLastComponent().string, 0o755)
            try FileSystem.replace(file, with: before + [0x0A], mode: 0o644)
            let error = #expect(throws: AssayError.self, "\(edited)") {
                try BundleImport.run(path, store: made.repository.store("third"))
            }
            #expect(error?.code == .digestMismatch)
            try FileSystem.replace(file, with: before, mode: 0o644)
        }
        let extra = path.appending("files/service/more.py")
        try FileSystem.replace(extra, with: [])
        #expect(throws: AssayError.self) {
            try BundleImport.run(path, store: made.repository.store("fourth"))
        }
    }

    @Test("an archive with a flipped bit in any blob sets no ref")
    func hurtArchive() throws {
        let made = try make()
        let path = made.outside.appending("a.tar")
        try made.bundle.exportArchive(to: path, store: made.store)
        let whole = try FileSystem.read(path)
        let hurt = made.outside.appending("hurt.tar")
        var random = SplitMix64(seed: 9)
        for turn in 0..<40 {
            var bytes = whole
            let bit = Int.random(in: 0..<(bytes.count * 8), using: &random)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            try FileSystem.replace(hurt, with: bytes)
            let other = try made.repository.store("hurt-\(turn)")
            do throws(AssayError) {
                // A bit of the padding, or of the name in the index, decides nothing.
                let bundle = try BundleImport.run(hurt, store: other)
                #expect(bundle.manifest == made.bundle.manifest, "bit \(bit)")
                #expect(try bundle.verify(store: other).isEmpty)
            } catch {
                #expect(try BundleCatalog.list(store: other).isEmpty, "bit \(bit)")
            }
        }
    }

    @Test("a ModelPack artifact has the words of the specification, and its files come back")
    func modelPack() throws {
        let made = try make(link: false)
        let path = made.outside.appending("model.tar")
        try made.bundle.exportModelPack(to: path, store: made.store)
        let skopeo = "/usr/bin/skopeo"
        if FileSystem.exists(FilePath(skopeo)) {
            let pipe = Pipe()
            let process = Process()
            process.executableURL = URL(fileURLWithPath: skopeo)
            process.arguments = ["inspect", "--raw", "oci-archive:\(path)"]
            process.standardOutput = pipe
            try process.run()
            let bytes = Array(pipe.fileHandleForReading.readDataToEndOfFile())
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            let manifest = JSONReader(
                try JSONParser.parse(bytes, file: "manifest"), document: "manifest")
            #expect(
                try manifest["artifactType"].string()
                    == "application/vnd.cncf.model.manifest.v1+json")
            var types: [String: String] = [:]
            for layer in try manifest["layers"].elements() {
                types[try layer["annotations"]["org.cncf.model.filepath"].string()] =
                    try layer["mediaType"].string()
            }
            #expect(types["model/model.txt"] == "application/vnd.cncf.model.weight.v1.raw")
            #expect(types["data/train.csv"] == "application/vnd.cncf.model.dataset.v1.raw")
            #expect(types["service/app.py"] == "application/vnd.cncf.model.code.v1.raw")
        }
        let into = made.repository.root.appending("imported")
        let files = try ModelImport.run(path, into: into, store: made.store)
        #expect(files == made.bundle.files.map(\.path))
        #expect(
            try FileSystem.read(into.appending("service/app.py")) == Array("print('hello')\n".utf8))
        let linked = try make()
        let error = #expect(throws: AssayError.self) {
            try linked.bundle.exportModelPack(
                to: linked.outside.appending("m.tar"), store: linked.store)
        }
        #expect(error?.message.contains("service/main.py is a symlink") == true)
    }

    private static let top = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()
    private static let python = top.appending(".venv/bin/python")

    /// Runs a program; gives its exit code and what it printed.
    private func run(_ program: String, _ arguments: [String]) throws -> (Int32, [UInt8]) {
        let pipe = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = Array(pipe.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        return (process.terminationStatus, bytes)
    }

    @Test(
        "the configuration of a ModelPack artifact is what its schema asks for",
        .enabled("scripts/setup makes .venv with jsonschema in it, and installs skopeo") {
            FileSystem.exists(python) && FileSystem.exists("/usr/bin/skopeo")
        })
    func modelPackSchema() throws {
        let made = try make(link: false)
        let path = made.outside.appending("model.tar")
        try made.bundle.exportModelPack(to: path, store: made.store)
        let (status, config) = try run(
            "/usr/bin/skopeo", ["inspect", "--raw", "--config", "oci-archive:\(path)"])
        #expect(status == 0)
        let schema = FilePath(#filePath).removingLastComponent()
            .appending("Corpus/modelpack-config.schema.json")
        let check = """
            import json, sys
            from jsonschema import Draft202012Validator, FormatChecker
            schema, document = [json.load(open(path)) for path in sys.argv[1:]]
            Draft202012Validator.check_schema(schema)
            found = list(Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(document))
            print(len(found))
            """
        func faults(_ bytes: [UInt8]) throws -> String {
            let file = made.outside.appending("config.json")
            try FileSystem.replace(file, with: bytes)
            let (status, told) = try run(
                Self.python.string, ["-c", check, schema.string, file.string])
            #expect(status == 0)
            return String(decoding: told, as: UTF8.self)
        }
        #expect(try faults(config) == "0\n")
        let text = String(decoding: config, as: UTF8.self)
        for (old, new) in [
            ("diffIds", "diff_ids"), ("layers", "layer"), ("flight-delay", ""), ("sha256:", "md5:"),
            ("descriptor", "describer"),
        ] {
            #expect(text.contains(old))
            #expect(try faults(Array(text.replacing(old, with: new).utf8)) != "0\n", "\(new)")
        }
    }

    @Test("a directory of Hugging Face comes in with its links followed; other directories do not")
    func huggingFace() throws {
        let made = try make()
        let hub = made.outside.appending("hub")
        try FileSystem.makeDirectory(hub.appending("blobs"))
        try FileSystem.makeDirectory(hub.appending("snapshots/1/tokenizer"))
        try FileSystem.replace(hub.appending("blobs/abc"), with: Array("weights".utf8))
        try FileSystem.replace(hub.appending("snapshots/1/config.json"), with: Array("{}".utf8))
        try FileSystem.replace(
            hub.appending("snapshots/1/tokenizer/vocab.txt"), with: Array("a\n".utf8))
        _ = symlink(
            "../../blobs/abc", hub.appending("snapshots/1/model.safetensors").string)
        let into = made.repository.root.appending("model2")
        let files = try ModelImport.run(hub.appending("snapshots/1"), into: into, store: made.store)
        #expect(files == ["config.json", "model.safetensors", "tokenizer/vocab.txt"])
        #expect(try FileSystem.status(of: into.appending("model.safetensors"))?.kind == .file)
        let again = #expect(throws: AssayError.self) {
            try ModelImport.run(hub.appending("snapshots/1"), into: into, store: made.store)
        }
        #expect(again?.code == .usage)
        let other = #expect(throws: AssayError.self) {
            try ModelImport.run(
                hub.appending("blobs"), into: made.outside.appending("x"), store: made.store)
        }
        #expect(other?.code == .unsupported)
    }
}
