import ArgumentParser
import AssayCore
import AssayStore
import SystemPackage

/// `assay store`: what keeps the store small and whole.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Free space, check and repair, see what takes space, hand over.",
        subcommands: [
            StoreCollectCommand.self, StoreCheckCommand.self, StoreStatisticsCommand.self,
            StoreExportCommand.self, StoreImportCommand.self,
        ])

    /// A store with what was promoted from the repository around it.
    struct Place {
        let store: Store
        let roots: [StoreRoot]
    }

    /// Opens the store of this service, or the one that is named where there is no service.
    static func open(_ global: GlobalOptions, mending: Bool = false) throws -> Place {
        let directory = try global.workingDirectory
        let workspace: Workspace
        do {
            workspace = try Workspace.open(global, from: directory)
        } catch let error as AssayError where [.repository, .notFound].contains(error.code) {
            guard let given = global.store ?? ProcessEnvironment.current["ASSAY_STORE"],
                !given.isEmpty
            else { throw error }
            let path = try Workspace.absolute(FilePath(given))
            return Place(store: try Store.open(at: path, mending: mending), roots: [])
        }
        return Place(
            store: try Store.open(at: workspace.storePath, mending: mending),
            roots: try StoreLinks.promotions(workspace))
    }

    static func document(_ amount: CollectionReport.Amount) -> JSONValue {
        ["count": JSONValue(amount.count), "bytes": JSONValue(amount.bytes)]
    }
}
