/// A format that captures are imported from.
public enum CaptureFormat: String, CaseIterable, Hashable, Sendable {
    /// A file that `capture export` wrote, or a journal of the recorder.
    case capture = "warc.zst"
    /// WARC of any program, packed with gzip or not.
    case warc
    /// The lines of JSON that `capture export` writes.
    case jsonl
    /// GoReplay, packed with gzip or not.
    case gor
    /// HTTP archives of browsers and proxies.
    case har
    /// Cassettes of VCR and vcrpy.
    case vcr
    /// JSON lines of SageMaker's data capture.
    case sageMaker = "sagemaker"
    /// Flows of mitmproxy.
    case mitmproxy
    /// Events of KServe's payload logger as JSON, and as the HTTP requests that carried them.
    case kserve
    case kserveHTTP = "kserve-http"
    /// Request logs of TensorFlow Serving.
    case predictionLog = "prediction-log"
    /// Traces of Envoy's tap filter as JSON.
    case envoyTap = "envoy-tap"
    /// Targets of vegeta as JSON, which are requests alone.
    case vegeta

    /// What the format is, for people.
    public var title: String {
        switch self {
        case .capture: "a capture that `capture export` wrote, or a recorder's journal"
        case .warc: "WARC, of any program"
        case .jsonl: "JSON lines of `capture export`"
        case .gor: "GoReplay"
        case .har: "HTTP archive 1.2"
        case .vcr: "VCR and vcrpy cassettes (YAML)"
        case .sageMaker: "SageMaker data capture (JSON lines)"
        case .mitmproxy: "mitmproxy flows, formats 7 to 21"
        case .kserve: "KServe payload events (JSON)"
        case .kserveHTTP: "KServe payload events (HTTP, binary mode)"
        case .predictionLog: "TensorFlow Serving PredictionLog (TFRecord)"
        case .envoyTap: "Envoy tap (JSON)"
        case .vegeta: "vegeta targets (JSON), requests alone"
        }
    }

    /// Whether a file of this format may begin so.
    func begins(_ start: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .capture: start.starts(with: ZstdFrame.magic)
        case .warc: WARCImport.recognises(start)
        case .jsonl: JSONLinesImport.recognises(start)
        case .gor: GorMeta(Array(start.prefix(GorMeta.maximumLength)), at: 0) != nil
        case .har: HARImport.recognises(start)
        case .vcr: VCRImport.recognises(start)
        case .sageMaker: SageMakerImport.recognises(start)
        case .mitmproxy: MitmproxyImport.recognises(start)
        case .kserve: KServeImport.recognisesJSON(start)
        case .kserveHTTP: KServeImport.recognisesHTTP(start)
        case .predictionLog: TFRecords.recognises(start)
        case .envoyTap: EnvoyTapImport.recognises(start)
        case .vegeta: VegetaImport.recognises(start)
        }
    }
}
