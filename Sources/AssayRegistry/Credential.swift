/// What a registry or its token service is shown. Has no description: a secret is never printed.
struct Credential: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// What kind of secret it is.
    enum Kind: Hashable, Sendable {
        /// A user and a password.
        case password(user: String, password: String)
        /// A token that a token service gives shorter-lived ones for.
        case identityToken(String)
    }

    let kind: Kind

    var description: String { "a credential" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
