public import AssayCore
import AssaySystem
import SystemPackage

/// Compares two versions of a file in the words of its kind.
public enum ContentComparison {
    /// Larger settings files are compared by their hash.
    private static let maximumSettings = 16 << 20

    /// Whether files of this name are read as tables.
    public static func isTable(_ name: String) -> Bool {
        let bare = withoutPacking(name)
        return [".csv", ".tsv", ".tab", ".jsonl", ".ndjson"].contains { bare.hasSuffix($0) }
    }

    /// Whether files of this name are read as settings.
    public static func isSettings(_ name: String) -> Bool { SettingsMap.reads(name) }

    /// Compares two files that are not equal.
    ///
    /// What they are is told by the names' endings and the files' first bytes. Tables are read in
    /// one pass each and tensors in pieces, flat in memory; models of trees and settings are held in
    /// memory. Files of two kinds, or of a kind that is not known here, are compared by their hash
    /// alone, and `headline` says so. Throws what reading the files throws, `.damaged` for one that
    /// is hurt.
    public static func compare(
        _ old: InspectedFile, _ new: InspectedFile
    ) throws(AssayError) -> ContentDifference {
        if isTable(old.name), isTable(new.name) {
            return TableComparison.difference(try table(old), try table(new))
        }
        if let before = try tensors(old), let after = try tensors(new) {
            return try TensorComparison.difference(before, after)
        }
        if let before = try trees(old), let after = try trees(new), before.format == after.format {
            return TreeComparison.difference(before, after)
        }
        if let before = try settings(old), let after = try settings(new) {
            return settings(before, after)
        }
        return .byHash(because: "files of this kind are not understood here")
    }

    /// What one file is, in a line, for a file that has nothing to be compared with; `nil` for one
    /// of a kind that is not known here.
    public static func describe(_ file: InspectedFile) throws(AssayError) -> String? {
        if isTable(file.name) {
            let table = try table(file)
            return "\(table.rows.grouped) rows of \(table.columns.count.grouped) columns"
        }
        if let tensors = try tensors(file) {
            return "\(tensors.format), \(tensors.tensors.count.grouped) tensors"
        }
        return try trees(file).map { "\($0.format), \($0.trees.count.grouped) trees" }
    }

    private static func settings(
        _ old: [String: String], _ new: [String: String]
    ) -> ContentDifference {
        let changes = FactChanges(old, new)
        let count = changes.lines.count
        return ContentDifference(
            kind: .settings,
            headline: count == 0
                ? "only its form changed, every value is equal"
                : "\(count) \(count == 1 ? "value" : "values") changed",
            lines: changes.lines, document: changes.document)
    }

    private static func table(_ file: InspectedFile) throws(AssayError) -> TableSummary {
        let bare = withoutPacking(file.name)
        if bare.hasSuffix(".jsonl") || bare.hasSuffix(".ndjson") {
            return try JSONLinesReader.summarise(file.path)
        }
        return try DelimitedReader.summarise(
            file.path, isTabbed: bare.hasSuffix(".tsv") || bare.hasSuffix(".tab"))
    }

    private static func tensors(_ file: InspectedFile) throws(AssayError) -> TensorFile? {
        if let found = try SafetensorsReader.read(file.path) { return found }
        if let found = try GGUFReader.read(file.path) { return found }
        return file.name.lowercased().hasSuffix(".onnx") ? try ONNXReader.read(file.path) : nil
    }

    private static func trees(_ file: InspectedFile) throws(AssayError) -> TreeEnsemble? {
        if let found = try LightGBMReader.read(file.path) { return found }
        if let found = try XGBoostReader.readText(file.path) { return found }
        return try XGBoostReader.readJSON(file.path)
    }

    private static func settings(_ file: InspectedFile) throws(AssayError) -> [String: String]? {
        guard SettingsMap.reads(file.name), let status = try FileSystem.status(of: file.path),
            status.size <= maximumSettings
        else { return nil }
        return SettingsMap.read(try FileSystem.read(file.path), name: file.name)
    }

    /// The name in lower case, without the ending of its packing.
    private static func withoutPacking(_ name: String) -> String {
        let lower = name.lowercased()
        for ending in [".gz", ".gzip", ".zst", ".zstd", ".xz"] where lower.hasSuffix(ending) {
            return String(lower.dropLast(ending.count))
        }
        return lower
    }
}
