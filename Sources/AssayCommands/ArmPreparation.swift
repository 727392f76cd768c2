import AssayBundling
import AssayCore
import AssayEnvironment
import AssayReplay
import AssayStore
import SystemPackage

/// Makes a bundle ready to be served: its files laid out, its environment built.
struct ArmPreparation {
    let store: Store
    let output: Output

    /// The plan of an arm that serves a bundle. Building an environment may take minutes the first
    /// time, and uses the network; what is going on is told.
    func plan(_ role: ArmPlan.Role, _ bundle: Bundle) throws -> ArmPlan {
        let directory = try bundle.materialisedTree(store: store)
        let environment = try VirtualEnvironment.prepare(
            try bundle.environmentSpec(store: store), cache: Workspace.environmentCache
        ) { line in
            if line.hasPrefix("pip:") { output.detail(line) } else { output.note(line) }
        }
        let spec = bundle.config.environment
        let serve = bundle.config.serve
        return ArmPlan(
            role: role, bundle: bundle.id, directory: directory, command: serve.command,
            python: environment.python, environmentRoot: environment.root,
            image: environment.image,
            variables: spec.variables,
            secrets: spec.secrets, ready: readiness(serve.ready),
            readyTimeout: .milliseconds(serve.timeoutMilliseconds),
            egress: serve.egress.map { .init(name: $0.name, variable: $0.variable) },
            facts: environment.facts)
    }

    private func readiness(_ ready: ServeSpec.Readiness) -> ArmPlan.Readiness {
        switch ready {
        case .http(let path): .http(path: path)
        case .tcp: .tcp
        case .line(let text): .line(text)
        }
    }
}
