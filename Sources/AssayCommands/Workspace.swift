import AssayBundling
import AssayCore
import AssayGit
import AssayStore
import AssaySystem
import Glibc
import SystemPackage

/// Where a command works: the repository, the service in it, and the store.
struct Workspace {
    /// The repository around the service.
    let repository: Repository
    /// The top of the work tree.
    let root: FilePath
    /// The directory that holds `assay.yaml`.
    let serviceDirectory: FilePath
    /// The same, relative to the top of the work tree; empty at the top.
    let servicePath: String
    /// Where the store is, whether it exists or not.
    let storePath: FilePath
    /// `.assay`, which holds what belongs to this machine.
    let privateDirectory: FilePath

    /// Finds the nearest `assay.yaml` upwards from `directory`, and the repository around it.
    ///
    /// Throws `.repository` outside a repository and `.notFound` where there is no `assay.yaml`.
    static func open(_ options: GlobalOptions, from directory: FilePath) throws -> Workspace {
        let repository = try Repository.discover(from: directory)
        guard let root = repository.workTree else {
            throw AssayError(
                .repository, "repository \(repository.gitDirectory) is bare and has no work tree",
                hint: "run this in a clone of it")
        }
        let start = try absolute(directory)
        guard let service = nearestService(from: start, top: try absolute(root)) else {
            throw AssayError(
                .notFound, "there is no assay.yaml in \(start) or above it in the repository",
                hint: "run `assay init` where the service lives")
        }
        return try Workspace(
            repository: repository, root: absolute(root), service: service, options)
    }

    /// The workspace at the top of the repository, for `assay init`, which needs no `assay.yaml`.
    static func openForInit(_ options: GlobalOptions, from directory: FilePath) throws -> Workspace
    {
        let repository = try Repository.discover(from: directory)
        guard let root = repository.workTree else {
            throw AssayError(
                .repository, "repository \(repository.gitDirectory) is bare and has no work tree",
                hint: "run this in a clone of it")
        }
        let start = try absolute(directory)
        let top = try absolute(root)
        return try Workspace(
            repository: repository, root: top,
            service: nearestService(from: start, top: top) ?? start,
            options)
    }

    private init(
        repository: Repository, root: FilePath, service: FilePath, _ options: GlobalOptions
    ) throws {
        self.repository = repository
        self.root = root
        self.serviceDirectory = service
        self.servicePath = Self.relative(service, to: root)
        self.privateDirectory = service.appending(".assay")
        if let given = options.store ?? ProcessEnvironment.current["ASSAY_STORE"], !given.isEmpty {
            self.storePath = try Self.absolute(FilePath(given))
        } else {
            self.storePath = privateDirectory.appending("store")
        }
    }

    /// The store; throws `.notFound` with a hint if `assay init` has not made one.
    func openStore() throws -> Store {
        try Store.open(at: storePath)
    }

    /// The store, if there is one.
    func storeIfAny() throws -> Store? {
        do {
            return try openStore()
        } catch let error as AssayError where error.code == .notFound {
            return nil
        }
    }

    /// The store, made if it is not there: commands that put the first thing into it use this.
    func openOrCreateStore() throws -> Store {
        try makePrivateDirectory()
        let store = try Store.create(at: storePath)
        try store.sweepIngest(now: Self.now() * 1_000_000_000)
        return store
    }

    /// Makes `.assay` with a `.gitignore` of its own, so that git never sees what is in it.
    func makePrivateDirectory() throws {
        try FileSystem.makeDirectory(privateDirectory)
        let ignore = privateDirectory.appending(".gitignore")
        if !FileSystem.exists(ignore) { try FileSystem.replace(ignore, with: Array("*\n".utf8)) }
    }

    /// `assay.yaml` of the work tree.
    func definition() throws -> ServiceDefinition {
        let path = serviceDirectory.appending("assay.yaml")
        return try ServiceDefinition.parse(
            try FileSystem.read(path, limit: 1 << 24),
            file: servicePath.isEmpty ? "assay.yaml" : "\(servicePath)/assay.yaml")
    }

    /// A path as somebody named it, relative to the directory of `assay.yaml`; nothing needs to be there.
    ///
    /// Throws `.usage` for a path outside of that directory.
    func servicePath(of path: FilePath) throws -> String {
        let whole = try Self.absolute(".").pushing(path).lexicallyNormalized()
        var rest = whole
        guard rest.removePrefix(serviceDirectory) else {
            throw AssayError(
                .usage, "\(path) is outside of the service's directory \(serviceDirectory)")
        }
        return rest.string
    }

    /// The present time in seconds since 1970.
    static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }

    /// Where runs are materialised and logged.
    var runsDirectory: FilePath { privateDirectory.appending("runs") }

    /// Where environments are built: shared by all services of this user, keyed by lock.
    static var environmentCache: FilePath {
        let environment = ProcessEnvironment.current
        if let given = environment["ASSAY_CACHE"], !given.isEmpty {
            return FilePath(given).appending("environments")
        }
        if let given = environment["XDG_CACHE_HOME"], given.hasPrefix("/") {
            return FilePath(given).appending("assay/environments")
        }
        return FilePath(environment["HOME"] ?? "/var/tmp").appending(".cache/assay/environments")
    }

    private static func nearestService(from start: FilePath, top: FilePath) -> FilePath? {
        var place = start
        while true {
            if FileSystem.exists(place.appending("assay.yaml")) { return place }
            guard place != top, place.starts(with: top), place.lastComponent != nil else {
                return nil
            }
            place.removeLastComponent()
        }
    }

    private static func relative(_ path: FilePath, to root: FilePath) -> String {
        var rest = path
        guard rest.removePrefix(root) else { return "" }
        return rest.string
    }

    /// The real absolute path, symlinks resolved.
    static func absolute(_ path: FilePath) throws -> FilePath {
        guard let resolved = unsafe realpath(path.string, nil) else {
            // What is not there yet is named from its parent.
            let parent = path.removingLastComponent()
            guard errno == ENOENT, let name = path.lastComponent else {
                throw FileSystem.error("could not resolve", path)
            }
            return try absolute(parent.isEmpty ? FilePath(".") : parent).appending(name)
        }
        defer { unsafe free(resolved) }
        return FilePath(unsafe String(cString: resolved))
    }
}
