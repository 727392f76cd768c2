public import AssayCore
import AssayEnvironment
public import AssayGit
public import AssayStore
import AssaySystem

/// Builds bundles: packs all that decides a service's answers into the store.
public enum BundleBuilder {
    /// Builds the bundle of a commit, from that commit's tree and the store alone.
    ///
    /// `directory` is the place of `assay.yaml` inside the repository, `""` for its root. The same
    /// content gives the same id on any machine, under any path and any commit. Building again is
    /// cheap in space: contents are stored once, and the first manifest of an id is kept. Until
    /// everything is stored no ref is set, so that a failure leaves no bundle behind.
    ///
    /// Throws what is wrong with the definition, with its place, and `.notFound` for an input that
    /// is nowhere, with the places that were looked at.
    public static func build(
        repository: Repository, commit: CommitID, directory: String, store: Store
    ) throws(AssayError) -> Bundle {
        let tree = try SourceTree(commit: commit, directory: directory, repository: repository)
        let writer = try ContentWriter(store)
        let draft = try assemble(tree, directory: directory, writer: writer)
        return try BundleCatalog.record(
            draft, commit: commit.description, isDirty: false, writer: writer)
    }

    /// Builds a bundle from the files of the work tree as they are, committed or not.
    ///
    /// The bundle is marked dirty, and such a bundle can not be promoted. Files that git ignores
    /// are not code. `commit` is what the work tree was checked out from, if anything.
    public static func buildFromWorkTree(
        repository: Repository, commit: CommitID?, directory: String, store: Store
    ) throws(AssayError) -> Bundle {
        let tree = try SourceTree(workTreeOf: repository, directory: directory)
        let writer = try ContentWriter(store)
        let draft = try assemble(tree, directory: directory, writer: writer)
        return try BundleCatalog.record(
            draft, commit: commit?.description, isDirty: true, writer: writer)
    }

    /// The id of the bundle that a commit builds, with the contents of its pinned files here or not.
    ///
    /// Stores nothing. Throws what `build` throws, also `.notFound` where a content itself is needed:
    /// an archive is unpacked, and what DVC keeps is hashed.
    public static func identify(
        repository: Repository, commit: CommitID, directory: String, store: Store
    ) throws(AssayError) -> Digest {
        let tree = try SourceTree(commit: commit, directory: directory, repository: repository)
        return try assemble(
            tree, directory: directory, writer: try ContentWriter(store), trustsPins: true
        ).config.id
    }

    /// A bundle's config and files, all contents in the hands of a writer.
    struct Draft {
        let config: BundleConfig
        let files: [FileEntry]
    }

    static func assemble(
        _ tree: SourceTree, directory: String, writer: ContentWriter, trustsPins: Bool = false
    ) throws(AssayError) -> Draft {
        let prefix = directory.isEmpty ? "" : directory + "/"
        let name = prefix + ServiceDefinition.fileName
        guard let bytes = try tree.read(ServiceDefinition.fileName, limit: 1 << 24) else {
            throw AssayError(
                .notFound, "could not build a bundle: \(tree.name) has no \(name)",
                hint: "write one with `assay init` and commit it")
        }
        let definition = try ServiceDefinition.parse(bytes, file: name)
        var pins = PinFile()
        if let lock = try tree.read(PinFile.fileName, limit: 1 << 28) {
            pins = try PinFile.parse(lock, file: prefix + PinFile.fileName)
        }
        var contents = BundleContents(
            tree: tree, pins: pins, directory: directory, writer: writer,
            definition: definition, trustsPins: trustsPins)
        let environment = try contents.environment()
        let features = try contents.features()
        let data = try contents.items(definition.data, part: "data")
        let weights = try contents.items(definition.weights, part: "weights")
        let code = try contents.code()
        let config = BundleConfig(
            service: definition.name, code: TreeDigest.of(code), data: data,
            features: .init(paths: definition.features, tree: TreeDigest.of(features)),
            weights: weights, environment: environment, serve: definition.serve)
        return Draft(
            config: config,
            files: contents.files.sorted { RelativePath.precedes($0.path, $1.path) })
    }
}
