/// The API token. It has no description and goes nowhere but into one header.
struct APIToken: Sendable {
    static let messageLimitCharacters = 300

    private let secret: String

    init(_ secret: String) { self.secret = secret }

    /// Nil for what cannot stand in a header; the HTTP library would quote it in its error.
    var header: (name: String, value: String)? {
        guard !secret.isEmpty, secret.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { return nil }
        return ("x-api-token", secret)
    }

    /// A server may send back what it was sent. One printable line without the token is what is passed on.
    func clean(_ message: String) -> String {
        let redacted = secret.isEmpty ? message : message.replacing(secret, with: "[token]")
        let line = redacted.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
        return String(line.prefix(Self.messageLimitCharacters))
    }
}

extension APIToken: CustomStringConvertible, CustomReflectable {
    var description: String { "[token]" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
