import CLibgit2

/// What a git remote is shown when it asks who is there. Never printed.
public struct RemoteCredentials: Sendable {
    /// A user and a password for https, and the only scheme, host and port that they are for; `nil`
    /// if there is none.
    let login: (user: String, password: String, origin: String)?
    /// Files of private keys to try for ssh, after those of the agent.
    let keys: [String]

    /// Makes credentials; a user and a password are shown to the host of `address` only, over https.
    public init(
        user: String? = nil, password: String? = nil, for address: String = "", keys: [String] = []
    ) {
        if let user, let password, let origin = Self.origin(of: address) {
            login = (user, password, origin)
        } else {
            login = nil
        }
        self.keys = keys
    }

    /// Host and port of an https address in lower case; `nil` for any other address.
    static func origin(of address: String) -> String? {
        let scheme = "https://"
        guard address.lowercased().hasPrefix(scheme) else { return nil }
        let authority = address.dropFirst(scheme.utf8.count).prefix { !"/?#".contains($0) }
        var host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        if host.hasSuffix(":443") { host = host.dropLast(4) }
        return host.isEmpty ? nil : host.lowercased()
    }
}

/// What the callbacks of one exchange with a remote share. Used on the one thread of that exchange.
final class RemoteExchange {
    let credentials: RemoteCredentials
    /// How often each way was tried, so that a refused one is not tried for ever.
    private var agentTried = false, loginTried = false
    private var keysLeft: [String]
    /// What the remote said to each reference that it refused.
    var refusals: [String: String] = [:]

    init(_ credentials: RemoteCredentials) {
        self.credentials = credentials
        keysLeft = credentials.keys
    }

    /// Sets the callbacks that ask for credentials and hear of references.
    func install(in callbacks: inout git_remote_callbacks) {
        unsafe callbacks.payload = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe callbacks.credentials = { out, address, user, allowed, payload in
            guard let out = unsafe out, let payload = unsafe payload else {
                return GIT_EAUTH.rawValue
            }
            let exchange = unsafe Unmanaged<RemoteExchange>.fromOpaque(payload)
                .takeUnretainedValue()
            let name = unsafe user.map { unsafe String(cString: $0) }
            let place = unsafe address.map { unsafe String(cString: $0) } ?? ""
            return unsafe exchange.acquire(out, at: place, user: name, allowed: allowed)
        }
        unsafe callbacks.push_update_reference = { reference, status, payload in
            guard let reference = unsafe reference, let status = unsafe status,
                let payload = unsafe payload
            else { return 0 }
            let exchange = unsafe Unmanaged<RemoteExchange>.fromOpaque(payload)
                .takeUnretainedValue()
            exchange.refusals[unsafe String(cString: reference)] = unsafe String(cString: status)
            return 0
        }
    }

    private func acquire(
        _ out: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>, at address: String,
        user: String?, allowed: UInt32
    ) -> Int32 {
        if allowed & GIT_CREDENTIAL_SSH_KEY.rawValue != 0 {
            let name = user ?? "git"
            if !agentTried {
                agentTried = true
                let status = unsafe git_credential_ssh_key_from_agent(out, name)
                if status == 0 { return 0 }
            }
            if !keysLeft.isEmpty {
                let key = keysLeft.removeFirst()
                return unsafe git_credential_ssh_key_new(out, name, key + ".pub", key, nil)
            }
        }
        if allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT.rawValue != 0, !loginTried,
            let login = credentials.login,
            RemoteCredentials.origin(of: address) == login.origin
        {
            loginTried = true
            return unsafe git_credential_userpass_plaintext_new(out, login.user, login.password)
        }
        if allowed & GIT_CREDENTIAL_USERNAME.rawValue != 0 {
            return unsafe git_credential_username_new(out, user ?? "git")
        }
        return GIT_EAUTH.rawValue
    }
}
