import AssayBundling
import AssayCore
import AssayEnvironment
import AssayReplay
import AssayStore
import SystemPackage

/// Makes bundles ready to be served: their files laid out, their environments built.
struct ArmPreparation {
    private let store: Store
    private let output: Output
    /// The plans made so far, by the manifest of their bundle: of one id there may be two.
    private var known: [Digest: ArmPlan] = [:]

    init(store: Store, output: Output) {
        self.store = store
        self.output = output
    }

    /// The plan of an arm that serves a bundle. Building an environment may take minutes the first
    /// time, and uses the network; what is going on is told. A bundle is made ready once, whatever arms
    /// it has.
    mutating func plan(_ role: ArmPlan.Role, _ bundle: Bundle) throws -> ArmPlan {
        if var plan = known[bundle.manifest] {
            plan.role = role
            return plan
        }
        let plan = try makePlan(role, bundle)
        known[bundle.manifest] = plan
        return plan
    }

    private func makePlan(_ role: ArmPlan.Role, _ bundle: Bundle) throws -> ArmPlan {
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
