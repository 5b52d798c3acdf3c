/// Host and port of a URL.
struct ServerAddress: Hashable {
    var host: String
    var port: Int

    /// Nil when `url` is not an absolute http or https URL.
    init?(_ url: String) {
        guard let scheme = url.firstRange(of: "://"), let standard = Self.port(of: url[..<scheme.lowerBound])
        else { return nil }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let location = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        // The colons of an IPv6 address stand in brackets.
        let bracket = location.lastIndex(of: "]") ?? location.startIndex
        let colon = location[bracket...].lastIndex(of: ":") ?? location.endIndex
        host = location[..<colon].filter { !"[]".contains($0) }
        let digits = location[colon...].dropFirst()
        guard !host.isEmpty, let port = digits.isEmpty ? standard : Int(digits), (1...65_535).contains(port)
        else { return nil }
        self.port = port
    }

    private static func port(of scheme: Substring) -> Int? {
        switch scheme.lowercased() {
        case "http": 80
        case "https": 443
        default: nil
        }
    }
}
