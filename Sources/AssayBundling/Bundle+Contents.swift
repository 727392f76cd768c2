import AssayCore
import AssayStore

extension Bundle {
    /// Throws `.digestMismatch` unless the files are those that the config says: the lock and the
    /// items by their digests, code and features by their tree digests, and no file more.
    ///
    /// The id of a bundle is the digest of its config alone, so that this is what ties the files to
    /// it. Reads no content: costs one pass over the files and a hash of their names.
    static func check(_ config: BundleConfig, _ files: [FileEntry]) throws(AssayError) {
        let items = config.data + config.weights
        let claims = Dictionary(
            items.enumerated().compactMap { index, item in item.path.map { ($0, [index]) } },
            uniquingKeysWith: +)
        var found: [[FileEntry]] = Array(repeating: [], count: items.count)
        var code: [FileEntry] = []
        var features: [FileEntry] = []
        var lock: Digest?
        for file in files {
            let claiming = claims.isEmpty ? [] : Self.claims(on: file.path, in: claims)
            for index in claiming { found[index].append(file) }
            if let declared = config.environment.lock, declared.path == file.path {
                lock = file.digest
            } else if claiming.isEmpty {
                let isFeature = config.features.paths.contains {
                    RelativePath.isWithin(file.path, $0)
                }
                if isFeature { features.append(file) } else { code.append(file) }
            }
        }
        guard TreeDigest.of(code) == config.code else { throw mismatch(config, "code") }
        guard TreeDigest.of(features) == config.features.tree else {
            throw mismatch(config, "features")
        }
        guard lock == config.environment.lock?.digest else { throw mismatch(config, "environment") }
        for (item, files) in zip(items, found) {
            guard holds(item, files) else { throw mismatch(config, "item \(item.name)") }
        }
    }

    /// The items that a path is of: those at it and at the directories above it.
    private static func claims(on path: String, in claims: [String: [Int]]) -> [Int] {
        var found = claims[path] ?? []
        for slash in path.utf8.indices where path.utf8[slash] == UInt8(ascii: "/") {
            found += claims[String(path[..<slash])] ?? []
        }
        return found
    }

    private static func holds(_ item: BundleItem, _ files: [FileEntry]) -> Bool {
        switch item.content {
        case .reference: return true
        case .file(let path, let digest):
            return files.count == 1 && files.first?.path == path && files.first?.digest == digest
        case .tree(let path, let digest):
            guard files.allSatisfy({ $0.path != path }) else { return false }
            let below = files.map { $0.renamed(String($0.path.dropFirst(path.count + 1))) }
            return TreeDigest.of(below) == digest
        }
    }

    private static func mismatch(_ config: BundleConfig, _ component: String) -> AssayError {
        AssayError(
            .digestMismatch,
            "bundle \(config.id.short) of \(config.service) has other files than its id says, in "
                + "its \(component)",
            hint: "fetch or export it again from where it was built; a bundle is never edited")
    }
}
