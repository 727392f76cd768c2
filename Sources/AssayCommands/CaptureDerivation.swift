import AssayCapture
import AssayCore
import AssaySystem

/// Makes a capture of exchanges that come from others; what those had lost stays counted.
struct CaptureDerivation {
    let workspace: Workspace
    let output: Output

    /// Seals what `fill` puts into the sorter under `name`, and tells what it holds.
    ///
    /// Throws `.notFound` if it put in nothing; captures are never empty.
    func make(
        _ name: String, losses: CaptureLosses, labels: [String: String] = [:],
        _ fill: (inout ExchangeSorter, inout CaptureLosses) throws -> Void
    ) throws -> CaptureSealer.Sealed {
        try FileSystem.makeDirectory(workspace.runsDirectory)
        let directory = try TemporaryDirectory(in: workspace.runsDirectory, prefix: "derive-")
        var losses = losses
        // Every exchange that is put in is counted as whole when the capture is sealed.
        losses.seen -= losses.whole
        losses.whole = 0
        var sorter = ExchangeSorter(in: directory.path)
        try fill(&sorter, &losses)
        guard sorter.count > 0 else {
            throw AssayError(
                .notFound, "there is no exchange to make capture \(name) of",
                hint: "see what there is with `assay capture show`")
        }
        return try CaptureSealer(store: try workspace.openStore(), labels: labels, losses: losses)
            .seal(sorter, as: name)
    }

    /// Tells what came of it.
    func report(_ sealed: CaptureSealer.Sealed, as name: String) {
        if output.isJSON {
            return output.result([
                "name": JSONValue(name), "id": JSONValue(sealed.capture.id),
                "summary": sealed.capture.summary.document,
            ])
        }
        CaptureText.lines(sealed.capture).forEach(output.result)
        output.result("kept as \(name)")
    }
}
