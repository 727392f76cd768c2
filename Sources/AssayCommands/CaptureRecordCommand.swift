import ArgumentParser
import AssayBundling
import AssayCapture
import AssayCore
import AssayRecorder
import AssayStore
import AssaySystem
import SystemPackage

/// `assay capture record`: a proxy that records production traffic as it passes.
struct CaptureRecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Pass traffic through to a service and record it.",
        discussion: """
            Passes every byte through as it is. When recording falls behind, recordings are dropped \
            and counted, never traffic. Stop with ^C; what was recorded becomes a capture. After a \
            crash, run the same command again: whole frames of the journal are kept.

            A dependency is recorded by letting the service call the recorder instead: --egress \
            NAME=URL listens on a free port and tells which, NAME=HOST:PORT,URL on that one.

            Example:
              assay capture record --name core --listen 127.0.0.1:8080 --upstream http://127.0.0.1:8000 \\
                --egress weather=127.0.0.1:9001,http://127.0.0.1:9000 --bundle stage/prod
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The capture's name.", valueName: "name")) var name: String
    @Option(help: ArgumentHelp("Where clients connect to.", valueName: "host:port"))
    var listen: String = "127.0.0.1:8080"
    @Option(help: ArgumentHelp("The service.", valueName: "url")) var upstream: String
    @Option(
        help: ArgumentHelp(
            "A PEM file of the authorities to trust for https, in place of the system's.",
            valueName: "file"))
    var ca: String?
    @Option(help: ArgumentHelp("A dependency to record.", valueName: "name=[host:port,]url"))
    var egress: [String] = []
    @Option(
        help: ArgumentHelp(
            "The bundle that is serving, stamped on each exchange.", valueName: "bundle"))
    var bundle: String?
    @Option(help: ArgumentHelp("A CSV file of key and label.", valueName: "file")) var labels:
        String?
    @Option(help: ArgumentHelp("The share of exchanges to keep.", valueName: "percent"))
    var sample: String?
    @Option(
        help: ArgumentHelp(
            "What decides on the share: all exchanges of one value are kept, or none.",
            valueName: "header:NAME|cookie:NAME|pointer:/PATH"))
    var by: String?
    @Option(help: ArgumentHelp("Keep no more than this on disk.", valueName: "size"))
    var maxSize: String?
    @Option(
        help: ArgumentHelp(
            "Make a capture NAME-001, NAME-002… of every so much, while recording goes on.",
            valueName: "size"))
    var rotate: String?
    @Flag(help: "Allow a listening address that other machines can reach.") var remote = false

    func run() async throws {
        // Else a name that cannot be would be told only after the recording.
        guard !name.contains("/") else {
            throw AssayError(.usage, "--name takes a name without `/`, not \(name)")
        }
        try RefName.check(name)
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openOrCreateStore()
        let rules = try CaptureRules.of(workspace)
        let directory = workspace.privateDirectory.appending("recording")
        try FileSystem.makeDirectory(directory, mode: 0o700)
        let journal = directory.appending("\(name).journal")
        let lock = try FileLock.acquire(directory.appending("\(name).lock"), patience: .zero)
        var configuration = RecorderConfiguration(
            listen: try Upstream.address(listen), upstream: try Upstream(url: upstream),
            journal: journal)
        configuration.egress = try egress.map(dependency)
        configuration.authorities = ca.map { FilePath($0) }
        configuration.rules = rules
        configuration.allowsRemoteClients = remote
        configuration.bundle = try bundle.map {
            try BundleResolver(workspace: workspace, store: store).resolve($0).bundle.id
        }
        let redactor = try CaptureRules.redactor(of: workspace)
        configuration.prepare = { (exchange) throws(AssayError) in
            try redactor.apply(to: &exchange, found: rules)
        }
        let labelMap = try CaptureRules.labels(labels, rules: rules, redactor: redactor)
        configuration.sample = try RecordOptions.sample(sample, by: by)
        configuration.maximumSize = try maxSize.map { try RecordOptions.size($0, "--max-size") }
        let parts = RecordedParts(store: store, name: name, labels: labelMap)
        // Parts that an earlier recording put aside and did not come to deal with.
        try parts.sealLeft(in: directory)
        if let rotate {
            configuration.rotation = .init(size: try RecordOptions.size(rotate, "--rotate")) {
                parts.seal($0)
            }
        }
        let service = configuration.upstream
        let recorder = try Recorder(configuration)
        let line = ProgressLine(output: output, plain: global.plain)
        Interruption.listen()
        let recording = try await recorder.run(
            until: {
                await Interruption.wait {
                    let counters = recorder.counters
                    line.update(
                        "recorded \(counters.losses.whole), lost \(counters.losses.seen - counters.losses.whole), "
                            + "\(counters.openConnections) connections, \(ByteCount(counters.bytesDown)) passed"
                    )
                }
            },
            started: { addresses in
                if addresses.continued + addresses.torn > 0 {
                    output.note(
                        "going on behind \(ByteCount(addresses.continued)) of an earlier recording of "
                            + "this name; \(ByteCount(addresses.torn)) of a torn frame were cut off"
                    )
                }
                output.note("recording \(addresses.listen) for \(service); stop with ^C")
                for (name, address) in addresses.egress.sorted(by: { $0.key < $1.key }) {
                    output.note("recording calls to \(name) on \(address)")
                }
            })
        line.finish()
        if let failure = recording.counters.journalFailure { throw failure }
        if let failure = parts.failure { throw failure }
        for (name, exchanges) in parts.made {
            output.note("recorded \(exchanges) exchanges as \(name)")
        }
        var losses = recording.counters.losses
        losses.forget(kept: parts.made.reduce(0) { $0 + $1.exchanges })
        if losses.whole == 0, !parts.made.isEmpty {
            try FileSystem.remove(journal)
            try RecordingLedger(of: journal).remove()
            return output.result("nothing was recorded after \(parts.made.last?.name ?? name)")
        }
        let sealed = try CaptureSealer(
            store: store, labels: labelMap, losses: losses, source: "the recording \(name)"
        ).seal(journal, as: name)
        try FileSystem.remove(journal)
        try RecordingLedger(of: journal).remove()
        // Held until the journal is gone, so that no second recorder goes on with it.
        _ = consume lock
        if output.isJSON {
            output.result([
                "id": JSONValue(sealed.capture.id), "summary": sealed.capture.summary.document,
            ])
            return
        }
        CaptureText.lines(sealed.capture).forEach(output.result)
        if labels != nil {
            output.result(CaptureText.labels(sealed))
        }
        output.result(
            "egress calls that belong to no exchange \(recording.counters.egressUnassigned), lost "
                + "\(recording.counters.egressLost)")
        output.result("recorded as \(name)")
    }

    /// Reads `NAME=URL`, which takes a free port and tells it, or `NAME=HOST:PORT,URL`.
    private func dependency(_ text: String) throws -> RecorderConfiguration.Egress {
        let parts = text.split(separator: "=", maxSplits: 1)
        let addresses = parts.last?.split(separator: ",", maxSplits: 1) ?? []
        guard parts.count == 2, let url = addresses.last else {
            throw AssayError(
                .usage, "--egress takes NAME=URL or NAME=HOST:PORT,URL, not \(text)",
                hint: "--egress weather=http://127.0.0.1:9000")
        }
        let listen = addresses.count == 2 ? String(addresses[0]) : "127.0.0.1:0"
        return .init(
            name: String(parts[0]), listen: try Upstream.address(listen),
            upstream: try Upstream(url: String(url)))
    }
}
