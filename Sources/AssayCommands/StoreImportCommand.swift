import ArgumentParser
import AssayBundling
import AssayCore
import AssayStore
import SystemPackage

/// `assay store import`: takes in what `assay store export` wrote elsewhere.
struct StoreImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in bundles with their verdicts and attestations from an OCI archive.",
        discussion: """
            Every blob is checked against its digest. What is there already stays as it is; what is hurt \
            stops the import before anything is named.

            Example:
              assay store import prod.tar
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The archive, or the directory of an image layout.") var path: String

    func run() throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openOrCreateStore()
        let entries = try LayoutArchive.take(FilePath(path), into: store)
        let bundles = try entries.filter { $0.artifactType == BundleConfig.artifactType }.map {
            try BundleCatalog.open(manifest: $0.manifest, store: store)
        }
        for bundle in bundles {
            if let damage = try bundle.verify(store: store).first { throw damage.error }
        }
        var about: [Digest: Bundle] = [:]
        for bundle in bundles { about[bundle.manifest] = bundle }
        var commits: [Digest: [String]] = [:]
        var verdicts: [(digest: Digest, bundle: Digest)] = []
        var evidence: [Digest] = []
        for entry in entries where about[entry.manifest] == nil {
            let subject = entry.subject.flatMap { about[$0] }
            switch (entry.artifactType, subject, entry.layers.first) {
            case (BundleAttachments.verdictType, let bundle?, let document?):
                verdicts.append((document.digest, bundle.id))
            case (BundleAttachments.provenanceType, let bundle?, let document?):
                commits[bundle.manifest, default: []] += try BundleCatalog.commits(
                    ofProvenance: document.digest, store: store)
            case (RegistryConnection.evidenceType, _, _): evidence.append(entry.config.digest)
            default:
                output.warning(
                    "\(entry.name ?? entry.manifest.short) holds \(entry.artifactType), which is left out"
                )
            }
        }
        guard !bundles.isEmpty || !evidence.isEmpty else {
            throw AssayError(
                .unsupported, "\(path) holds neither a bundle nor evidence",
                hint: "write one with `assay store export`")
        }
        for digest in evidence { _ = try EvidenceArtifact.keep(digest, store: store) }
        for verdict in verdicts {
            try BundleAttachments.keep(
                verdict: verdict.digest, about: verdict.bundle, from: path, store: store)
        }
        for bundle in bundles {
            try BundleCatalog.adopt(
                manifest: bundle.manifest, commits: commits[bundle.manifest] ?? [], store: store)
        }
        if output.isJSON {
            return output.result([
                "bundles": .array(bundles.map { JSONValue($0.id) }),
                "verdicts": .array(verdicts.map { JSONValue($0.digest) }),
                "evidence": .array(evidence.map { JSONValue($0) }),
            ])
        }
        for verdict in verdicts { output.result("verdict \(verdict.digest.short)") }
        for bundle in bundles { output.result("bundle \(bundle.id.short) of \(bundle.service)") }
    }
}
