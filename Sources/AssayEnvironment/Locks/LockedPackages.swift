public import AssayCore

/// What a lock of some ecosystem says is installed: names and versions, to be compared.
public struct LockedPackages: Hashable, Sendable {
    /// The locks that are read.
    public enum Format: String, Hashable, Sendable, CaseIterable {
        /// pip's requirements, with or without hashes; also what `pip freeze` prints.
        case requirements = "requirements.txt"
        case uv = "uv.lock"
        case poetry = "poetry.lock"
        case condaLock = "conda-lock.yml"
        case condaEnvironment = "environment.yml"
        case npm = "package-lock.json"
        case goModule = "go.mod"
        case goSums = "go.sum"
        case cargo = "Cargo.lock"
        case swiftPackage = "Package.resolved"
    }

    /// The kind of lock.
    public let format: Format
    /// The versions by name; several of one name in a row, as `1.0 or 2.0`.
    public let packages: [String: String]

    /// The kind of lock that a file's name tells; `nil` for another file.
    public static func format(ofFile name: String) -> Format? {
        let base = name.split(separator: "/").last.map(String.init) ?? name
        if let exact = Format.allCases.first(where: { $0.rawValue == base }) { return exact }
        let lower = base.lowercased()
        if lower.hasSuffix("conda-lock.yml") || lower.hasSuffix("conda-lock.yaml") {
            return .condaLock
        }
        if lower == "environment.yaml" { return .condaEnvironment }
        let isText = lower.hasSuffix(".txt") || lower.hasSuffix(".lock") || lower.hasSuffix(".in")
        if isText, ["requirements", "constraints", "freeze"].contains(where: lower.contains) {
            return .requirements
        }
        return nil
    }

    /// Reads a lock; `file` names it in errors and tells its format.
    ///
    /// Throws `.unsupported` for a name that tells none, `.invalidDocument` for what is not of the
    /// format.
    public static func read(_ bytes: [UInt8], file: String) throws(AssayError) -> LockedPackages {
        guard let format = format(ofFile: file) else {
            throw AssayError(
                .unsupported, "\(file) is not the name of a lock",
                hint: "locks are \(Format.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let found: [(name: String, version: String)] =
            switch format {
            case .requirements: try PythonLocks.requirements(bytes, file: file)
            case .uv: try PythonLocks.uv(bytes, file: file)
            case .poetry: try PythonLocks.poetry(bytes, file: file)
            case .condaLock: try CondaLocks.lock(bytes, file: file)
            case .condaEnvironment: try CondaLocks.environment(bytes, file: file)
            case .npm: try OtherLocks.npm(bytes, file: file)
            case .goModule: try OtherLocks.goModule(bytes, file: file)
            case .goSums: try OtherLocks.goSums(bytes, file: file)
            case .cargo: try OtherLocks.cargo(bytes, file: file)
            case .swiftPackage: try OtherLocks.swiftPackage(bytes, file: file)
            }
        var versions: [String: Set<String>] = [:]
        for package in found { versions[package.name, default: []].insert(package.version) }
        return LockedPackages(
            format: format,
            packages: versions.mapValues { $0.sorted().joined(separator: " or ") })
    }
}

extension LockedPackages {
    /// The packages of a file that is known to be a lock: one whose name tells no format is read as
    /// pip's requirements.
    public static func ofLock(
        _ bytes: [UInt8], file: String
    ) throws(AssayError) -> [String: String] {
        guard format(ofFile: file) == nil else { return try read(bytes, file: file).packages }
        return try read(bytes, file: "requirements.txt").packages
    }
}
