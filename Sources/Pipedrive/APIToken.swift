import Crypto
package import Planning

/// The API token. It has no description and goes nowhere but into one header.
package struct APIToken: Credentials {
    private let secret: String
    private let secrets: Secrets

    package init(_ secret: String) {
        self.secret = secret
        secrets = Secrets([secret])
    }

    /// Nil for what cannot stand in a header; the HTTP library would quote it in its error.
    private var header: (name: String, value: String)? {
        guard !secret.isEmpty, secret.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { return nil }
        return ("x-api-token", secret)
    }

    package var hasScopes: Bool { false }

    package func prepare() async throws -> Bool { false }

    package func authorization(baseURL: String) -> Authorization? {
        header.map { Authorization(header: $0, baseURL: baseURL) }
    }

    package func isRenewable(after refused: Authorization) -> Bool { false }

    /// A few bytes of a hash, from which nobody finds the token.
    package var name: String {
        let digest = SHA256.hash(data: Array("pipesnap access \(secret)".utf8))
        return "token " + hexadecimal(digest.prefix(Self.nameBytes))
    }

    private static let nameBytes = 8

    package var refusal: Stop {
        Stop(.tokenRefused, "the server refused the token (401)", hint: "put a valid API token where api.token says")
    }

    package func clean(_ message: String) -> String { secrets.clean(message) }

    package func isIn(_ text: String) -> Bool { secrets.isIn(text) }
}

extension APIToken: CustomStringConvertible, CustomReflectable {
    package var description: String { "[token]" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
