public import AssayCore
public import AssayStore

extension BundleCatalog {
    /// Names a bundle that came from elsewhere, whose blobs are in the store, and gives it.
    ///
    /// A manifest that the id has here already stays, unless it is dirty. `commits` are added to those
    /// it was built from. Throws `.usage` or `.damaged` for what is no whole bundle, `.digestMismatch`
    /// for one that holds something else than its id says. Costs a read of every file of a manifest
    /// that is new here.
    @discardableResult
    public static func adopt(
        manifest: Digest, commits: [String], store: Store
    ) throws(AssayError) -> Bundle {
        let bundle = try open(manifest: manifest, store: store)
        guard !bundle.isDirty else {
            throw AssayError(
                .usage,
                "bundle \(bundle.id.short) was built from changed files and does not travel",
                hint: "commit them where it was built, and push that")
        }
        let name = refName(bundle.service, bundle.id)
        if try store.ref(name)?.digest != manifest {
            for file in bundle.files { try store.verify(file) }
        }
        for commit in bundle.commits + commits {
            try note(commit, bundle.config, store: store)
        }
        while true {
            let known = try store.ref(name)
            if let known {
                let present = try open(manifest: known.digest, store: store)
                if !present.isDirty { return present }
            }
            do throws(AssayError) {
                try store.setRef(
                    name, to: manifest, expecting: known.map { .exactly($0) } ?? .absent)
                return try open(manifest: manifest, store: store)
            } catch  where error.code == .conflict {
                continue
            }
        }
    }

    /// Checks files of a bundle that is not whole here and keeps them, so that a build or a replay
    /// finds their contents. Their segments are in the store.
    public static func keep(_ files: [FileEntry], store: Store) throws(AssayError) {
        for file in files { try store.verify(file) }
        try ContentWriter(store).keep(files)
    }

    /// The document of the commits a bundle was built from, as it travels; `nil` if none is known.
    public static func provenance(of bundle: Bundle, store: Store) throws(AssayError) -> Digest? {
        try store.ref(provenanceName(bundle.service, bundle.id))?.digest
    }

    /// The commits of such a document.
    public static func commits(
        ofProvenance digest: Digest, store: Store
    ) throws(AssayError) -> [String] {
        try commits(in: digest, name: "the provenance \(digest.short)", store: store)
    }
}
