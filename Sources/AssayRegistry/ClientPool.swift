import AsyncHTTPClient
import Synchronization

/// The clients of one transport: one for each proxy, and one for what is reached directly.
final class ClientPool: Sendable {
    private let clients = Mutex<[ProxySettings.Proxy?: HTTPClient]>([:])

    /// The client of a proxy, made with the first request that goes through it.
    func client(_ proxy: ProxySettings.Proxy?, _ make: () -> HTTPClient) -> HTTPClient {
        clients.withLock { clients in
            if let known = clients[proxy] { return known }
            let made = make()
            clients[proxy] = made
            return made
        }
    }

    /// All clients that were made.
    var all: [HTTPClient] { clients.withLock { Array($0.values) } }
}
