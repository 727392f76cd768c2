import Testing

/// Holds the imports in Sources and the dependencies in Package.swift against the table of
/// Documentation/ARCHITECTURE.md, which is the one place that says which target uses which.
@Suite("Architecture")
struct ImportTableTests {
    let table: TargetTable
    let manifest: PackageManifest

    init() throws {
        table = try TargetTable(document: SourceImports.text("Documentation/ARCHITECTURE.md"))
        manifest = try PackageManifest(text: SourceImports.text("Package.swift"))
    }

    @Test("the table has a row for each directory in Sources, and no other")
    func rows() throws {
        #expect(Set(table.byTarget.keys) == Set(try SourceImports.targets()))
        #expect(table.byTarget.count == table.rows.reduce(0) { $0 + $1.targets.count })
    }

    @Test("a target imports what its row names, all of it and nothing else")
    func imports() throws {
        var imported: [String: Set<String>] = [:]
        for (target, file, text) in try SourceImports.files() {
            let modules = SourceImports.imports(of: text)
            imported[target, default: []].formUnion(modules)
            let row = try #require(table.byTarget[target], "\(target) has no row")
            for module in modules where table.byTarget[module] != nil {
                #expect(row.ours.contains(module), "\(file) imports \(module)")
            }
        }
        for (target, row) in table.byTarget where !target.hasPrefix("C") {
            let modules = imported[target] ?? []
            #expect(modules.filter { table.byTarget[$0] != nil } == row.ours, "\(target)")
            #expect(modules.intersection(manifest.products) == row.packages, "\(target)")
        }
    }

    @Test("Package.swift gives each target the dependencies of its row")
    func dependencies() {
        #expect(Set(manifest.dependencies.keys) == Set(table.byTarget.keys))
        for (target, row) in table.byTarget {
            #expect(
                manifest.dependencies[target] == row.ours.union(row.packages), "\(target)")
        }
    }

    @Test("a row names only targets of the rows above it")
    func layers() {
        var below: Set<String> = []
        for row in table.rows {
            #expect(row.ours.isSubset(of: below), "\(row.targets)")
            below.formUnion(row.targets)
        }
    }

    @Test("no source uses the JSON of Foundation")
    func noFoundationJSON() throws {
        for (_, file, text) in try SourceImports.files() {
            #expect(!text.contains("JSONSerialization"), "\(file)")
            #expect(!text.contains("JSONDecoder") && !text.contains("JSONEncoder"), "\(file)")
        }
    }
}
