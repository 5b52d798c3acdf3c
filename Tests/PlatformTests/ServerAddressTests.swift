import Testing

@testable import Platform

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("https://acme.pipedrive.com", "acme.pipedrive.com", 443),
        ("http://localhost:8080/api?x=http://y:1", "localhost", 8080),
        ("HTTP://[::1]:99/", "::1", 99),
        ("https://[::1]", "::1", 443),
        ("http://user:word@host", "host", 80),
    ])
    func isRead(url: String, host: String, port: Int) {
        let address = ServerAddress(url)
        #expect(address?.host == host)
        #expect(address?.port == port)
    }

    @Test(arguments: ["", "acme", "ftp://acme", "http://", "http://:80", "http://acme:0", "http://acme:x"])
    func isRefused(url: String) { #expect(ServerAddress(url) == nil) }

    @Test func theSystemClockIsTheCLibrarys() {
        let before = SystemClock().nowMilliseconds
        #expect(before > 1_700_000_000_000)
        #expect(SystemClock().nowMilliseconds >= before)
    }

    @Test func fewArenas() { ProcessMemory.useFewArenas() }
}
