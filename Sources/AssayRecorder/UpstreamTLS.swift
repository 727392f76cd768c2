import AssayCore
import NIOCore
import NIOSSL
import NIOTLS
import SystemPackage

/// How a recorder speaks TLS to an upstream: certificates and names are always checked.
struct UpstreamTLS: Sendable {
    private let context: NIOSSLContext

    /// Reads the certificates to trust: those of the file, else those of the system.
    ///
    /// Throws `.usage` for a file that holds no certificate in PEM.
    init(authorities: FilePath?) throws(AssayError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        configuration.applicationProtocols = ["http/1.1"]
        if let authorities { configuration.trustRoots = .file(authorities.string) }
        do {
            if let authorities {
                let found = try NIOSSLCertificate.fromPEMFile(authorities.string)
                guard !found.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
            }
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            let place = authorities.map { "in \($0)" } ?? "of this system"
            throw AssayError(
                .usage, "could not read the certificates to trust \(place)",
                hint: "name a PEM file of the authority that signed the upstream's certificate",
                cause: error)
        }
    }

    /// Puts TLS into a channel to the upstream; the future ends when its certificate has been checked.
    func add(to channel: any Channel, host: String) throws -> EventLoopFuture<Void> {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        // An address has no name to send; it is held against the addresses in the certificate.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        do {
            let handler = try NIOSSLClientHandler(
                context: context, serverHostname: isAddress ? nil : host)
            try channel.pipeline.syncOperations.addHandlers([
                handler, HandshakeHandler(promise),
            ])
        } catch {
            promise.fail(error)
            throw error
        }
        return promise.futureResult
    }
}

/// Why the upstream of a connection cannot be used, though it was reached.
struct HandshakeFailure: Error, CustomStringConvertible {
    let description: String
}

/// Tells how a TLS handshake ended, and passes everything on.
private final class HandshakeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var promise: EventLoopPromise<Void>?

    init(_ promise: EventLoopPromise<Void>) {
        self.promise = promise
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { end(nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard promise != nil else { return context.fireErrorCaught(error) }
        end(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(ChannelError.eof)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end(ChannelError.eof) }

    private func end(_ error: (any Error)?) {
        guard let promise else { return }
        self.promise = nil
        guard let error else { return promise.succeed() }
        promise.fail(HandshakeFailure(description: "\(error)"))
    }
}
