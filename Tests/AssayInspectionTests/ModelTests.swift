import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayInspection

@Suite("models")
struct ModelTests {
    private static let samples = FilePath(#filePath).removingLastComponent().appending("Samples")

    private func compare(_ old: String, _ new: String) throws -> ContentDifference {
        try ContentComparison.compare(
            InspectedFile(name: old, path: Self.samples.appending(old)),
            InspectedFile(name: new, path: Self.samples.appending(new)))
    }

    /// Holds what was found of a tensor against what numpy says.
    private func check(
        _ difference: ContentDifference, _ tensor: String, _ expected: String
    ) throws {
        let path = Self.samples.appending("expected.json")
        let numpy = JSONReader(
            try JSONParser.parse(try FileSystem.read(path), file: "expected"), document: "expected")
        let document = JSONReader(difference.document, document: "difference")
        let found = try document["moved"].elements().first {
            try $0["name"].string() == tensor
        }
        let move = try #require(found, "\(tensor)")
        for key in ["old_norm", "new_norm", "relative", "largest_step"] {
            let (a, b) = (try move[key].double(), try numpy[expected][key].double())
            #expect(abs(a - b) <= 1e-9 * max(abs(b), 1), "\(expected) \(key): \(a), numpy \(b)")
        }
        #expect(
            try move["changed_values"].integer() == numpy[expected]["changed_values"].integer())
    }

    @Test("safetensors: tensors by name, shape, type and norm, as numpy has them")
    func safetensors() throws {
        let difference = try compare("a.safetensors", "b.safetensors")
        #expect(difference.kind == .tensors)
        for name in ["full", "half", "whole"] {
            try check(difference, name, "safetensors \(name)")
        }
        #expect(difference.lines.contains("tensor extra: added, F16[64]"))
        #expect(difference.lines.contains("tensor gone: removed, was I64[12]"))
        #expect(difference.lines.contains("tensor shape: I64[12] → I64[3, 4]"))
        #expect(difference.lines.contains("epoch: 1 → 2"))
        #expect(!difference.lines.contains { $0.contains("kept") })
        #expect(difference.headline.contains("1 added, 1 removed, 1 reshaped, 3 moved"))
    }

    @Test("GGUF: quantised blocks are read, metadata compared, types not read said to be so")
    func gguf() throws {
        let difference = try compare("a.gguf", "b.gguf")
        #expect(difference.kind == .tensors)
        for name in ["full", "half", "Q8_0", "Q4_0"] {
            try check(difference, name, "gguf \(name)")
        }
        #expect(difference.lines.contains("test.epoch: 1 → 2"))
        #expect(
            difference.lines.contains(
                "tensor Q5_0: Q5_0[64, 4], other bytes; its values are not read here"))
    }

    @Test("ONNX: operators and initialisers, raw and listed")
    func onnx() throws {
        let difference = try compare("a.onnx", "b.onnx")
        #expect(difference.kind == .tensors)
        try check(difference, "w", "onnx w")
        try check(difference, "listed", "onnx listed")
        #expect(difference.lines.contains("operator Relu: removed, was 1"))
        #expect(difference.lines.contains("operator Tanh: added, 1"))
        #expect(difference.headline.contains("3 tensors, 2 moved"))
    }

    @Test("LightGBM: trees added, leaves moved")
    func lightGBM() throws {
        let difference = try compare("lightgbm-a.txt", "lightgbm-b.txt")
        #expect(difference.kind == .trees)
        #expect(
            difference.headline.hasPrefix(
                "LightGBM text, 6 → 8 trees, 5 equal, 1 with other leaf values"))
        #expect(difference.lines.first == "the first tree that differs is tree 2")
        #expect(difference.lines.contains { $0.contains("at most 0.25") })
    }

    @Test("XGBoost: trees added, in the JSON form and in the text dump")
    func xgboost() throws {
        for ending in ["json", "txt"] {
            let difference = try compare("xgboost-a.\(ending)", "xgboost-b.\(ending)")
            #expect(difference.kind == .trees)
            #expect(difference.headline.contains("5 → 7 trees, 5 equal"), "\(difference.headline)")
        }
    }

    @Test("every cut of a binary model is an error or no model, and never a crash")
    func truncation() throws {
        let files = try TestFiles()
        for name in ["a.safetensors", "a.gguf", "a.onnx"] {
            let whole = try FileSystem.read(Self.samples.appending(name))
            // GGUF ends with padding; and ONNX has no end: a cut between two fields is a whole message.
            let end = name == "a.gguf" ? whole.count - 16 : whole.count
            for length in 0..<end {
                let cut = try files.write(name, Array(whole[..<length]))
                do throws(AssayError) {
                    let difference = try ContentComparison.compare(
                        cut, InspectedFile(name: name, path: Self.samples.appending(name)))
                    #expect(
                        difference.kind == .bytes || name == "a.onnx", "\(name) cut to \(length)")
                } catch {
                    #expect(error.code == .damaged || error.code == .invalidDocument)
                }
                try FileSystem.remove(cut.path)
            }
        }
    }

    @Test("flipped bits in a binary model never crash its reader")
    func flippedBits() throws {
        let files = try TestFiles()
        var random = SplitMix64(seed: 3)
        for name in ["a.safetensors", "a.gguf", "a.onnx"] {
            let whole = try FileSystem.read(Self.samples.appending(name))
            for _ in 0..<400 {
                var bytes = whole
                for _ in 0..<3 {
                    let bit = Int.random(in: 0..<(min(bytes.count, 900) * 8), using: &random)
                    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                }
                let flipped = try files.write(name, bytes)
                do throws(AssayError) {
                    _ = try ContentComparison.compare(
                        flipped, InspectedFile(name: name, path: Self.samples.appending(name)))
                } catch {
                    #expect(
                        [.damaged, .invalidDocument, .unsupported, .limit].contains(error.code))
                }
                try FileSystem.remove(flipped.path)
            }
        }
    }
}

@Suite("settings")
struct SettingsTests {
    private func lines(_ name: String, _ old: String, _ new: String) throws -> [String] {
        let files = try TestFiles()
        let difference = try ContentComparison.compare(
            files.write(name, old), files.write(name, new))
        #expect(difference.kind == .settings)
        return difference.lines
    }

    @Test("keys of YAML, JSON, TOML and INI, old and new")
    func keys() throws {
        #expect(
            try lines(
                "a.yaml", "a: 1\nb: [x, y]\nc: '3'\n", "a: 2\nb: [x, z]\nc: 3\nd: {e: true}\n")
                == ["/a: 1 → 2", "/b/1: y → z", "/c: \"3\" → 3", "/d/e: added, true"])
        #expect(
            try lines(
                "a.json", "{\"a\":{\"b~/\":[1,2]},\"c\":\"1\"}", "{\"a\":{\"b~/\":[1]},\"c\":1}")
                == ["/a/b~0~1/1: removed, was 2", "/c: \"1\" → 1"])
        #expect(
            try lines(
                "a.toml", "t = 1\n[s]\nk = \"v\"\nd = 2024-01-02\n[[p]]\nn = 1.5\n",
                "t = 1\n[s]\nk = \"w\"\nd = 2024-01-03\n[[p]]\nn = 2.5\n")
                == ["/p/0/n: 1.5 → 2.5", "/s/d: 2024-01-02 → 2024-01-03", "/s/k: v → w"])
        #expect(
            try lines(
                "a.ini", "top = 0\n[s]\nk: v\nlong = one\n  two\n; no\n",
                "top = 0\n[s]\nk = w\nlong = one\n  three\n")
                == ["/s/k: v → w", "/s/long: one\ntwo → one\nthree"])
    }

    @Test("what only looks other is said to be equal, and what is hurt is compared by hash")
    func form() throws {
        let files = try TestFiles()
        let same = try ContentComparison.compare(
            files.write("a.yaml", "a: 1 # one\n"), files.write("a.yaml", "a:    1\n"))
        #expect(same.headline == "only its form changed, every value is equal")
        let hurt = try ContentComparison.compare(
            files.write("a.json", "{\"a\":1}"), files.write("a.json", "{\"a\":"))
        #expect(hurt.kind == .bytes)
        #expect(hurt.headline.contains("by their hash alone"))
    }
}
