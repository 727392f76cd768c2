import AssayBundling
import AssayCapture
import AssayCore

/// The rules of `capture` in `assay.yaml`, as the capture format takes them.
enum CaptureRules {
    /// The rules of a workspace's service.
    static func of(_ workspace: Workspace) throws -> ExchangeRules {
        let settings = try workspace.definition().capture
        return ExchangeRules(
            session: settings.session.map(source), trace: settings.trace.map(source),
            key: settings.key.map(source),
            routes: routes(settings),
            slices: settings.slices.map { ($0.name, source($0.source)) })
    }

    /// The routes of a service, in their order.
    static func routes(_ settings: CaptureSettings) -> [ExchangeRules.Route] {
        settings.routes.map { .init(pattern($0.name), isReplayable: $0.isReplayable) }
    }

    /// A route with `*` for every `{name}` in it.
    private static func pattern(_ route: String) -> String {
        route.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("{") && $0.hasSuffix("}") ? "*" : String($0) }
            .joined(separator: "/")
    }

    private static func source(_ source: CaptureSettings.Source) -> ExchangeRules.Source {
        switch source {
        case .header(let name): .header(name)
        case .cookie(let name): .cookie(name)
        case .pointer(let pointer): .pointer(pointer)
        }
    }
}
