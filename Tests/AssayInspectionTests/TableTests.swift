import AssayArchive
import AssayCore
import AssaySystem
import SystemPackage
import Testing

@testable import AssayInspection

/// Files of a test, in a directory that is gone afterwards.
struct TestFiles: ~Copyable {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory(in: "/tmp", prefix: "assay-inspection-")
    }

    func write(_ name: String, _ text: String) throws -> InspectedFile {
        try write(name, Array(text.utf8))
    }

    func write(_ name: String, _ bytes: [UInt8]) throws -> InspectedFile {
        let path = directory.path.appending("\(UInt64.random(in: 0 ... .max))")
        try FileSystem.replace(path, with: bytes)
        return InspectedFile(name: name, path: path)
    }
}

@Suite("tables")
struct TableTests {
    @Test("columns that were added, removed, retyped and moved are named, with rows and nulls")
    func columns() throws {
        let files = try TestFiles()
        var old = "id,city,delay,gone\n"
        var new = "id,delay,city,extra\n"
        for row in 0..<1000 {
            old += "\(row),\(row % 2 == 0 ? "Oslo" : "Bergen"),\(row % 50),1\n"
            new +=
                "k\(row),\(row % 10 == 0 ? "" : String(row % 50 + 20)),\(row % 4 == 0 ? "Oslo" : "Bergen"),x\n"
        }
        new += "k1000,3,Bergen,x\n"
        let difference = try ContentComparison.compare(
            files.write("a.csv", old), files.write("b.csv", new))
        #expect(difference.kind == .table)
        #expect(
            difference.headline.hasPrefix(
                "1,000 → 1,001 rows (+0.1 %), 1 column added, 1 column removed, 1 column retyped"))
        #expect(difference.lines.contains("column extra: added, text, 1,001 values, 1 distinct"))
        #expect(difference.lines.contains { $0.hasPrefix("column gone: removed, was integer") })
        #expect(difference.lines.contains("column id: integer → text"))
        let delay = try #require(difference.lines.first { $0.hasPrefix("column delay:") })
        #expect(delay.contains("p50 24 → "))
        #expect(delay.contains("null 0.0 → 10.0 %"))
        let city = try #require(difference.lines.first { $0.hasPrefix("column city:") })
        #expect(city.hasPrefix("column city: 25."))
    }

    @Test("the same rows in another order are said to be so, whatever the packing")
    func reordered() throws {
        let files = try TestFiles()
        let rows = (0..<500).map { "\($0),name \($0)" }
        let plain = (["n,s"] + rows).joined(separator: "\n") + "\n"
        let turned = (["n,s"] + rows.reversed()).joined(separator: "\r\n")
        let difference = try ContentComparison.compare(
            files.write("a.csv", plain), files.write("b.csv", turned))
        #expect(difference.headline == "500 rows, the same ones; only order or form differ")
        #expect(difference.lines.isEmpty)
    }

    @Test("quotes hold delimiters, line breaks and quotes, also across the pieces that are read")
    func quotes() throws {
        let files = try TestFiles()
        let wide = String(repeating: "x", count: 700_000)
        let text =
            "\u{FEFF}a;b;c\r\n\"1;2\";\"say \"\"no\"\"\";\"two\nlines\"\r\n\(wide);\"\(wide)\";3\r\n"
        let table = try DelimitedReader.summarise(
            files.write("t.csv", text).path, isTabbed: false)
        #expect(table.rows == 2)
        #expect(table.columns.map(\.name) == ["a", "b", "c"])
        #expect(table.ragged == 0)
        let texts = table.columns.compactMap { $0.distinct.exact?.values.map(\.text) }
        #expect(texts[0].contains("1;2") && texts[1].contains("say \"no\""))
        #expect(texts[2].contains("two\nlines"))
    }

    @Test("a table without names of columns gets numbers; ragged rows are counted")
    func headless() throws {
        let files = try TestFiles()
        let table = try DelimitedReader.summarise(
            files.write("t.csv", "1,2\n3\n4,5,6\n").path, isTabbed: false)
        #expect(table.columns.map(\.name) == ["column 1", "column 2"])
        #expect(table.rows == 3 && table.ragged == 2)
        #expect(table.columns[1].nulls == 1)
    }

    @Test("lines of JSON are rows; members within objects are columns, absent ones are null")
    func jsonLines() throws {
        let files = try TestFiles()
        let old = try files.write(
            "a.jsonl", "{\"a\":1,\"b\":{\"c\":true}}\n\n{\"a\":2}\n{\"a\":3.5,\"d\":\"x\"}\n")
        let table = try JSONLinesReader.summarise(old.path)
        #expect(table.rows == 3)
        #expect(table.columns.map(\.name) == ["a", "b/c", "d"])
        #expect(table.columns.map(\.type) == ["number", "boolean", "text"])
        #expect(table.columns.map(\.nulls) == [0, 2, 2])
        let hurt = try files.write("b.jsonl", "{\"a\":1}\n[1]\n")
        let error = #expect(throws: AssayError.self) { try JSONLinesReader.summarise(hurt.path) }
        #expect(error?.message.contains("line 2") == true)
    }

    @Test("fields are typed as a reader of tables would")
    func fields() {
        func type(_ text: String) -> String {
            Array(text.utf8).withUnsafeBytes { bytes in
                switch TableField(bytes) {
                case .null: "null"
                case .integer(let value): "integer \(value)"
                case .real(let value): "real \(value)"
                case .boolean: "boolean"
                case .text: "text"
                }
            }
        }
        let cases = [
            ("", "null"), ("NaN", "null"), ("null", "null"), ("0", "integer 0.0"),
            ("-17", "integer -17.0"), ("+4", "integer 4.0"), ("3.25", "real 3.25"),
            (".5", "real 0.5"), ("0.1", "real 0.1"), ("1e-3", "real 0.001"), ("-", "text"),
            ("1.2.3", "text"), ("12 Main St", "text"), ("true", "boolean"), ("False", "boolean"),
            ("9007199254740993", "integer 9007199254740992.0"), ("inf", "real inf"),
            ("2024-01-02", "text"), ("0.30000000000000004", "real 0.30000000000000004"),
        ]
        for (text, expected) in cases { #expect(type(text) == expected, "\(text)") }
    }

    @Test("counts beyond the exact ones are estimated within a few percent")
    func distinct() {
        var counter = DistinctCounter()
        for number in 0..<200_000 {
            let bytes = Array("value \(number % 50_000)".utf8)
            counter.add(bytes.withUnsafeBytes { ByteHash.hash($0) }, text: "")
        }
        #expect(!counter.isExact)
        #expect(abs(counter.count - 50_000) < 2_500, "\(counter.count)")
    }

    @Test("quantiles of many numbers are near the true ones, and equal streams give equal sketches")
    func quantiles() {
        var random = SplitMix64(seed: 7)
        let numbers = (0..<200_000).map { _ in Double.random(in: 0..<1, using: &random) }
        var (left, right, other) = (QuantileSketch(), QuantileSketch(), QuantileSketch())
        for number in numbers {
            left.add(number)
            right.add(number)
            other.add(number + 0.1)
        }
        #expect(left.points.reduce(0) { $0 + $1.weight } == 200_000)
        for share in [0.01, 0.5, 0.95] {
            #expect(abs(left.quantiles([share])[0] - share) < 0.01)
        }
        #expect(QuantileSketch.distance(left, right) == 0)
        let distance = QuantileSketch.distance(left, other) ?? 0
        #expect(abs(distance - 0.1) < 0.01, "\(distance)")
    }
}
