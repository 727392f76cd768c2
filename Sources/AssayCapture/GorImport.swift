public import AssayCore
public import SystemPackage

/// Reads files of GoReplay (`.gor`, `.gor.gz`).
public enum GorImport {
    /// Copies the exchanges of a file into a journal or other sink, and counts what is lost and why.
    ///
    /// A response belongs to the request with its id, whichever comes first; a request that gets no
    /// response is lost, or with `keepsUnanswered` kept as an exchange without one, for files that
    /// were recorded without responses. The end of an exchange is the time of its response
    /// plus its duration. Throws `.damaged` with the byte offset where the file is hurt or cut short;
    /// with `salvage` that place costs one exchange, and reading goes on behind it. Memory is flat: at
    /// most 256 MiB of requests and responses wait for one another.
    public static func read<Sink: ExchangeSink & ~Copyable>(
        _ path: FilePath, into journal: inout Sink, salvage: Bool,
        keepsUnanswered: Bool = false
    ) throws(AssayError) -> CaptureLosses {
        var scanner = try GorScanner(path)
        var pairing = GorPairing(keepsUnanswered: keepsUnanswered)
        var isCounted = false
        while true {
            do throws(AssayError) {
                guard let meta = try scanner.meta() else { break }
                if meta.kind == .replayedResponse {
                    _ = try scanner.payload(of: meta, role: .response(toMethod: "GET"))
                    pairing.losses.lose(\.skipped, "the response of a replay")
                    continue
                }
                let role: HTTPFramer.Role =
                    meta.kind == .request
                    ? .request : .response(toMethod: pairing.method(of: meta.id) ?? "GET")
                let payload = try scanner.payload(of: meta, role: role)
                try pairing.add(meta, payload, to: &journal)
            } catch {
                guard salvage, error.code == .damaged else { throw error }
                pairing.losses.lose(\.truncated, error.message)
                isCounted = scanner.failure != nil
                try scanner.skipDamage()
            }
        }
        if let failure = scanner.failure {
            guard salvage else {
                throw AssayError(
                    .damaged,
                    "\(path) cannot be read on from byte \(scanner.offset) of its content",
                    hint: "keep the whole exchanges with `--salvage`", cause: failure)
            }
            if !isCounted { pairing.losses.lose(\.truncated, failure.message) }
        }
        try pairing.finish(&journal)
        return pairing.losses
    }
}
