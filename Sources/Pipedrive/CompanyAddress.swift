package import Planning

/// Where requests with an access token go. The OAuth server tells the company's own address, and an access token goes
/// to no host that neither the job file nor Pipedrive's name vouches for.
package enum CompanyAddress {
    /// Serves every company: what it is told instead is the better way there.
    package static let ofEveryCompany = "https://api.pipedrive.com"
    private static let domain = ".pipedrive.com"

    /// - Parameters:
    ///   - told: `api_domain`; nil where the server did not say.
    ///   - configured: `api.base_url`.
    /// - Returns: without a trailing slash. Throws `Stop` for another company's address and for any other host.
    package static func choose(told: String?, configured: String) throws(Stop) -> String {
        guard var address = told?.lowercased(), !address.isEmpty else { return configured }
        while address.hasSuffix("/") { address.removeLast() }
        if address == configured { return address }
        if isLoopback(address), isLoopback(configured) { return address }
        guard isOfPipedrive(address) else {
            throw Stop(
                .tokenRefused,
                "the OAuth server names \(shown(address)) as the company's address, which is no host of "
                    + "Pipedrive's; no token is sent there",
                hint: "if it is right, make it api.base_url")
        }
        if configured == ofEveryCompany { return address }
        throw Stop(
            .tokenRefused, "the login is for \(address), but api.base_url is \(configured)",
            hint: "correct api.base_url, or log in to the other company with pipesnap login")
    }

    private static func isOfPipedrive(_ address: String) -> Bool {
        guard let host = host(of: address, scheme: "https://"), host.hasSuffix(domain) else { return false }
        return host.utf8.allSatisfy {
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
    }

    private static func isLoopback(_ address: String) -> Bool {
        guard let authority = host(of: address, scheme: "http://") else { return false }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count <= 2 && ["127.0.0.1", "localhost"].contains(parts[0])
            && (parts.count == 1 || UInt16(parts[1]) != nil)
    }

    /// All of the address after its scheme.
    private static func host(of address: String, scheme: String) -> Substring? {
        address.hasPrefix(scheme) ? address.dropFirst(scheme.count) : nil
    }

    private static func shown(_ address: String) -> String { Secrets([]).clean(address) }
}
