/// The symlinks of a directory, followed as the system would: one that stays inside by its words can
/// still lead out through another.
struct LinkMap {
    /// Where each link leads, by its path.
    let targets: [String: String]

    /// Links on the way after which the system gives up, as in `path_resolution(7)`.
    private static let limit = 40

    /// Why the link at `path` must not be in a bundle; `nil` if it may be. One that leads nowhere
    /// may.
    func fault(at path: String) -> String? {
        guard let target = targets[path] else { return nil }
        if let fault = RelativePath.fault(inLinkAt: path, target: target) { return fault }
        var place = path.split(separator: "/").dropLast().map(String.init)
        // The names that are left, the next one last.
        var rest = Array(target.split(separator: "/").map(String.init).reversed())
        var followed = 1
        while let name = rest.popLast() {
            if name == "." { continue }
            if name == ".." {
                if place.popLast() == nil {
                    return
                        "leads out of the service's directory through other links, by `\(target)`"
                }
                continue
            }
            place.append(name)
            guard let next = targets[place.joined(separator: "/")] else { continue }
            followed += 1
            if followed > Self.limit { return "leads in a circle, by `\(target)`" }
            place.removeLast()
            // An absolute one is refused at its own path; until then it leads out of here too.
            if next.hasPrefix("/") { return "leads to the absolute path `\(next)`, by `\(target)`" }
            rest += next.split(separator: "/").map(String.init).reversed()
        }
        return nil
    }
}
