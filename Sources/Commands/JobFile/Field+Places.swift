import Platform

/// Folders, files and addresses.
extension Field {
    /// A path, made absolute from the job file's own folder.
    func path(from folder: String) -> String? {
        guard let text = text() else { return nil }
        guard !text.hasPrefix("~") else {
            tell("must not begin with ~, which is not replaced here; write the path in full, or ${HOME}/…")
            return nil
        }
        return FilePath.absolute(text, from: folder)
    }

    /// A PEM file of authorities. It is read at once: a night that cannot trust its server is no time to learn that the
    /// file is not there.
    func authorityFile(from folder: String) -> String? {
        guard let path = path(from: folder) else { return nil }
        do {
            let bytes = try SmallFile.read(path, largestBytes: Self.largestAuthorityFileBytes)
            if TrustedAuthorities.count(inPEM: bytes) != nil { return path }
            tell("must be a PEM file of certificates; \(path) is none")
        } catch {
            tell("\(path) cannot be read: \(error.reason)")
        }
        return nil
    }

    /// All authorities that browsers know take a quarter of a megabyte.
    private static let largestAuthorityFileBytes = 1 << 20

    /// The API's address: scheme and host, perhaps a port, and nothing more. What is wrong is said without the
    /// address, since a token may have been written into it.
    func baseURL() -> String? {
        guard let text = text(isSecret: true) else { return nil }
        switch BaseAddress.read(text) {
        case .success(let address): return address
        case .failure(let refusal):
            tell(refusal.words)
            return nil
        }
    }
}

extension Field {
    /// Where a browser is sent back to: `https://HOST/…`, or `http://` and this very machine.
    func redirect() -> String? {
        guard let text = text() else { return nil }
        let form = /(https?:\/\/[^\/?#@\s]+)(\/[^?#\s]*)?/
        guard let match = text.wholeMatch(of: form), case .success = BaseAddress.read(String(match.1)) else {
            tell("must be the app's callback URL, such as http://127.0.0.1:8931/ or https://acme.example/callback")
            return nil
        }
        return text
    }
}

/// Reads `https://HOST[:PORT]`, or the same with http for this very machine.
enum BaseAddress {
    struct Refusal: Error, Hashable {
        var words: String
    }

    static func read(_ text: String) -> Result<String, Refusal> {
        do { return .success(try parse(text)) } catch { return .failure(error) }
    }

    private static func parse(_ text: String) throws(Refusal) -> String {
        guard let match = text.wholeMatch(of: /([A-Za-z][A-Za-z0-9+.\-]*):\/\/([^\/?#]*)(.*)/) else {
            throw Refusal(words: "must be an address such as https://acme.pipedrive.com")
        }
        let (scheme, authority, rest) = (match.1.lowercased(), match.2.lowercased(), match.3)
        guard !authority.contains("@") else {
            throw Refusal(words: "must not hold a user or password; the token has its own key, api.token")
        }
        guard !rest.contains("?"), !rest.contains("#") else {
            throw Refusal(words: "must end after the host: no ? and no #; the token has its own key, api.token")
        }
        guard rest.allSatisfy({ $0 == "/" }) else {
            throw Refusal(words: "must end after the host, without a path; /api/v2 and the like are added by pipesnap")
        }
        let host = try host(of: authority)
        guard scheme == "https" || scheme == "http" else { throw Refusal(words: "must begin with https://") }
        guard scheme == "https" || isLoopback(host) else {
            throw Refusal(
                words: "must begin with https://; http:// is for this machine only (127.0.0.1, localhost, [::1])")
        }
        return "\(scheme)://\(authority)"
    }

    /// Without the port, which must be one.
    private static func host(of authority: String) throws(Refusal) -> String {
        let form = /(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.\-]*[a-z0-9])?)(?::([0-9]{1,5}))?/
        guard let match = authority.wholeMatch(of: form), !match.1.contains("..") else {
            throw Refusal(words: "must name a host, as https://acme.pipedrive.com does")
        }
        if let port = match.2, !(1...65_535).contains(Int(port) ?? 0) {
            throw Refusal(words: "must have a port between 1 and 65535, or none")
        }
        return String(match.1)
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
