/// The Python modules among the files of a tree, for what a file that was added beside them may hide.
///
/// Of several things of one name in a directory Python takes a package first, then an extension
/// module, then source, then bytecode, and a directory without `__init__` last; of extension modules
/// those that name an interpreter first, then those of the stable ABI, then others (`importlib`'s
/// `FileFinder` and `_get_supported_file_loaders`, `_PyImport_DynLoadFiletab`). A package's `__init__`
/// is searched for in that order too.
public struct PythonModules: Sendable {
    /// Where a module stands that is imported by its name, and how early Python takes it.
    private struct Module {
        let path: String
        let rank: Rank
    }

    private struct Rank: Comparable {
        let kind: Kind
        let loader: Loader

        enum Kind: Int { case package, module, directory }
        enum Loader: Int { case taggedExtension, stableExtension, otherExtension, source, bytecode }

        static let directory = Rank(kind: .directory, loader: .bytecode)

        static func < (left: Rank, right: Rank) -> Bool {
            (left.kind.rawValue, left.loader.rawValue)
                < (right.kind.rawValue, right.loader.rawValue)
        }
    }

    /// Modules by their path without a suffix.
    private var modules: [String: Module] = [:]

    /// Finds the modules among files, by their paths beneath the tree. Costs a look at each.
    public init(files: some Sequence<String>) {
        for path in files {
            guard let (place, rank) = Self.module(path) else { continue }
            note(Module(path: path, rank: rank), at: place)
            var directory = place[...]
            while let slash = directory.lastIndex(of: "/") {
                directory = directory[..<slash]
                guard modules[String(directory)] == nil else { break }
                modules[String(directory)] = Module(path: "\(directory)/", rank: .directory)
            }
        }
    }

    private mutating func note(_ module: Module, at place: String) {
        if let known = modules[place], known.rank <= module.rank { return }
        modules[place] = module
    }

    /// What Python makes of a file that was added to the tree, as the end of a sentence; `nil` where it
    /// loads nothing else for it, as for bytecode in `__pycache__`, data and modules of new names.
    public func hidden(by added: String) -> String? {
        let parts = added.split(separator: "/")
        guard let name = parts.last, !parts.contains("__pycache__") else { return nil }
        // Elsewhere `.pth` names the parameters of a model.
        if name.hasSuffix(".pth"),
            ["site-packages", "dist-packages"].contains(parts.dropLast().last)
        {
            return "which Python reads at each start"
        }
        guard let (place, rank) = Self.module(added) else { return nil }
        if ["sitecustomize", "usercustomize"].contains(place.split(separator: "/").last) {
            return "which Python runs at each start"
        }
        guard let known = modules[place], rank < known.rank,
            !(rank.kind == .package && known.rank.kind == .directory)
        else { return nil }
        return "which Python loads in place of \(known.path)"
    }

    /// Where a file stands as a module, without suffix; `nil` for other files.
    private static func module(_ path: String) -> (place: String, rank: Rank)? {
        let slash = path.lastIndex(of: "/")
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        guard let dot = name.firstIndex(of: "."), dot > name.startIndex else { return nil }
        let directory = slash.map { path[..<$0] } ?? ""
        let loader: Rank.Loader
        switch name[dot...] {
        case ".py": loader = .source
        case ".pyc": loader = .bytecode
        case ".so": loader = .otherExtension
        case ".abi3.so": loader = .stableExtension
        case let suffix where suffix.hasSuffix(".so"): loader = .taggedExtension
        default: return nil
        }
        guard name[..<dot] != "__init__" else {
            return directory.isEmpty
                ? nil : (String(directory), Rank(kind: .package, loader: loader))
        }
        let rank = Rank(kind: .module, loader: loader)
        return (directory.isEmpty ? String(name[..<dot]) : "\(directory)/\(name[..<dot])", rank)
    }
}
