import ArgumentParser
import AssayBundling
import AssayCore
import AssayGate
import AssayPromotion
import AssayRegistry
import AssayStore
import SystemPackage

/// `assay store export`: writes bundles with all that is said about them.
struct StoreExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write bundles with their verdicts and attestations as one OCI archive.",
        discussion: """
            `assay store import` takes all of it back. Other tools read the bundles; those that copy \
            images leave verdicts and attestations behind, which refer to a bundle and have no name.

            Examples:
              assay store export stage/prod --to prod.tar
              assay store export HEAD 1a2b3c4d --to two.tar --evidence
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: "The file to write; nothing may be there.") var to: String
    @Flag(help: "Also the evidence that the verdicts rest on; it holds answers of production.")
    var evidence = false
    @Argument(help: "Bundles: ids, revisions, stage/NAME.") var bundles = ["HEAD"]

    func run() async throws {
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openStore()
        let resolver = BundleResolver(workspace: workspace, store: store)
        var entries: [LayoutArchive.Entry] = []
        var counts = (verdicts: 0, evidence: 0)
        _ = try store.put(Attachment.emptyConfig)
        for name in bundles {
            let bundle = try resolver.resolve(name).bundle
            guard !bundle.isDirty else {
                throw AssayError(
                    .usage,
                    "bundle \(bundle.id.short) was built from changed files and does not travel",
                    hint: "commit them and export the commit")
            }
            try add(
                bundle.manifest, named: BundleCatalog.refName(bundle.service, bundle.id),
                to: &entries, store)
            let size = try store.size(of: bundle.manifest)
            for attachment in try BundleAttachments.all(of: bundle, store: store) {
                let bytes = attachment.manifest(subject: bundle.manifest, size: size)
                try add(try store.put(bytes), named: nil, to: &entries, store)
            }
            for verdict in try BundleAttachments.verdicts(of: bundle, store: store) {
                counts.verdicts += 1
                guard evidence else { continue }
                for digest in try named(by: verdict.digest, store) {
                    try add(
                        try EvidenceArtifact.pack(digest, store: store),
                        named: RemoteTag.evidence(digest), to: &entries, store)
                    counts.evidence += 1
                }
            }
        }
        try LayoutArchive.write(entries, to: FilePath(to), store: store)
        if output.isJSON {
            return output.result([
                "path": JSONValue(to), "bundles": JSONValue(bundles.count),
                "verdicts": JSONValue(counts.verdicts), "evidence": JSONValue(counts.evidence),
            ])
        }
        output.result(
            "\(to): bundles \(bundles.count), verdicts \(counts.verdicts), evidence \(counts.evidence)"
        )
    }

    private func add(
        _ manifest: Digest, named name: String?, to entries: inout [LayoutArchive.Entry],
        _ store: Store
    ) throws {
        guard !entries.contains(where: { $0.manifest == manifest }) else { return }
        entries.append(try LayoutArchive.entry(manifest, name: name, store: store))
    }

    /// The evidence of a verdict that is here; what is not is told.
    private func named(by verdict: Digest, _ store: Store) throws -> [Digest] {
        let opened = try StoredDocument(store: store).open(verdict.hex)
        for absent in opened.absent {
            global.output.warning(
                "evidence \(absent.short) is not in this store and is left out; "
                    + StoredDocument.whereabouts(of: absent))
        }
        return opened.evidence.map(\.digest)
    }
}
