import AssayCore
import Testing

@testable import AssayBundling

@Suite("assay.lock")
struct PinFileTests {
    private static let digest = Digest(of: [1])

    private func pins(_ paths: String...) -> PinFile {
        var file = PinFile()
        for (index, path) in paths.enumerated() {
            file[path] = .init(digest: Digest(of: [UInt8(index)]), size: index, kind: .data)
        }
        return file
    }

    @Test(
        "what is written is read back, whatever the names",
        arguments: [
            [], ["data/a.csv"], ["b", "a", "ab", "a/b"],
            [
                "with space", "\"quoted\"", "back\\slash", "häßlich", "日本", "- dash", "a: b", "#x",
                "{y}", "%", "~", "null", "R &D", "*star", "!tag", "x: &y",
            ],
        ])
    func roundTrip(_ paths: [String]) throws {
        var file = PinFile()
        for path in paths { file[path] = .init(digest: Self.digest, size: 7, kind: .weights) }
        let back = try PinFile.parse(file.bytes, file: "assay.lock")
        #expect(back == file)
        #expect(back.bytes == file.bytes)
    }

    @Test("a lock of more than a megabyte is read")
    func long() throws {
        var file = PinFile()
        for index in 0..<9_000 {
            file["data/part-\(index).parquet"] = .init(digest: Self.digest, size: 7, kind: .data)
        }
        #expect(file.bytes.count > 1 << 20)
        #expect(try PinFile.parse(file.bytes, file: "assay.lock") == file)
    }

    @Test("a changed pin changes one line, and lines are sorted by path")
    func lines() {
        var file = pins("b", "a/x", "a.x")
        let before = String(decoding: file.bytes, as: UTF8.self).split(separator: "\n")
        #expect(before.count == 6)
        #expect(before[3].contains("\"a.x\"") && before[4].contains("\"a/x\""))
        file["b"] = .init(digest: Self.digest, size: 9, kind: .data)
        let after = String(decoding: file.bytes, as: UTF8.self).split(separator: "\n")
        #expect(zip(before, after).filter { $0 != $1 }.count == 1)
    }

    @Test("pins beneath a directory are found, neighbours are not")
    func within() {
        #expect(
            pins("data/a", "data/b/c", "data.csv", "datax/a").paths(within: "data") == [
                "data/a", "data/b/c",
            ])
    }

    static let faults: [(name: String, text: String, line: Int, says: String)] = [
        ("another schema", "schema: assay/lock/v2\npins: []\n", 1, "schema"),
        ("no pins", "schema: assay/lock/v1\n", 1, "pins"),
        (
            "an unknown member",
            "schema: assay/lock/v1\npins:\n  - {path: a, kind: data, size: 1, digest: D, mode: 1}\n",
            3, "mode"
        ),
        (
            "a path twice",
            "schema: assay/lock/v1\npins:\n  - {path: a, kind: data, size: 1, digest: D}\n  - {path: a, kind: data, size: 1, digest: D}\n",
            4, "twice"
        ),
        (
            "a path that leads out",
            "schema: assay/lock/v1\npins:\n  - {path: ../a, kind: data, size: 1, digest: D}\n", 3,
            ".."
        ),
        (
            "a size in words",
            "schema: assay/lock/v1\npins:\n  - {path: a, kind: data, size: big, digest: D}\n", 3,
            "number"
        ),
        (
            "a negative size",
            "schema: assay/lock/v1\npins:\n  - {path: a, kind: data, size: -1, digest: D}\n", 3,
            "negative"
        ),
        (
            "a short digest",
            "schema: assay/lock/v1\npins:\n  - {path: a, kind: data, size: 1, digest: \"sha256:0\"}\n",
            3, "digest"
        ),
        (
            "a kind that is none",
            "schema: assay/lock/v1\npins:\n  - {path: a, kind: weight, size: 1, digest: D}\n", 3,
            "weights"
        ),
        ("a conflict", "schema: assay/lock/v1\npins:\n<<<<<<< HEAD\n", 3, "conflict"),
    ]

    @Test("a fault is named with its line", arguments: faults.indices)
    func faulty(_ index: Int) {
        let fault = Self.faults[index]
        let text = fault.text.replacing("digest: D", with: "digest: \"\(Self.digest)\"")
        let error = #expect(throws: AssayError.self) {
            try PinFile.parse(Array(text.utf8), file: "assay.lock")
        }
        guard let error else { return }
        #expect(error.location?.line == fault.line, "\(fault.name): \(error)")
        #expect("\(error) \(error.hint ?? "")".contains(fault.says), "\(fault.name): \(error)")
    }
}
