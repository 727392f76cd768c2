import AssayCore
import AssaySystem
import SystemPackage

/// How short programs of ours run inside an unpacked image.
struct ImageEntry {
    let view: ImageView
    let bubblewrap: FilePath

    /// Throws `.missingTool` where bubblewrap is not installed.
    init(_ view: ImageView, variables: [String: String]) throws(AssayError) {
        let path = variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        guard let bubblewrap = try Bubblewrap.find(searchPath: path) else {
            throw AssayError(
                .missingTool,
                "could not look into the image at \(view.root): no bubblewrap on PATH",
                hint: "run `apt-get install bubblewrap`")
        }
        self.view = view
        self.bubblewrap = bubblewrap
    }

    /// The command that runs another one inside.
    func command(_ words: [String]) throws(AssayError) -> [String] {
        try view.arguments(bubblewrap: bubblewrap, command: words)
    }

    /// The image's variables, with these above them.
    func variables(_ given: [String: String]) -> [String: String] {
        ["PATH": "/usr/local/bin:/usr/bin:/bin"].merging(view.variables) { $1 }
            .merging(given) { $1 }
    }
}
