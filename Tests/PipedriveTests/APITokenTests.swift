import Foundation
import Testing

@testable import Pipedrive

/// What is left of a token in what a server says.
@Suite struct APITokenTests {
    private let secret = "Tok+en/0123456789=abcdef~ZYXWVUT"
    private var token: APIToken { APIToken(secret) }

    @Test func isTakenOutInEveryForm() {
        let base64 = Data(secret.utf8).base64EncodedString()
        let url = RequestURL.encoded(secret)
        let digits = secret.utf8.map { String($0, radix: 16) }
        let (hex, percent) = (digits.joined(), digits.map { "%" + $0.uppercased() }.joined())
        for form in [secret, secret.uppercased(), url, url.lowercased(), base64, hex, hex.uppercased(), percent] {
            #expect(token.clean("bad key \(form), sorry").contains("bad key [token]"))
            #expect(token.clean("bad key \(form), sorry").count < 32)
            #expect(token.isIn("cursor-\(form)"))
        }
    }

    @Test func hasANameThatDoesNotTellIt() {
        #expect(token.name == APIToken(secret).name && token.name != APIToken(secret + "x").name)
        #expect(!token.isIn(token.name) && token.name.count == "token ".count + 16, "\(token.name)")
    }

    @Test func isTakenOutInPieces() {
        #expect(token.clean("\(secret.prefix(20))…") == "[token]…")
        #expect(token.clean("…\(secret.suffix(12))") == "…[token]")
        #expect(token.clean("\(secret.prefix(12))****\(secret.suffix(10))") == "[token]****[token]")
        #expect(token.clean(String(secret.prefix(9))) == String(secret.prefix(9)))
    }

    @Test(arguments: 0..<8) func isTakenOutOfALongerTextInBase64(before: Int) {
        let text = String(repeating: "u", count: before) + secret + ":p"
        let cleaned = token.clean(Data(text.utf8).base64EncodedString())
        #expect(cleaned.contains("[token]"))
        #expect(cleaned.count < 24, "\(cleaned)")
    }

    @Test func leavesEverythingElse() {
        let message = "Unauthorised access — Ünïcode ✓ 0123456789"
        #expect(APIToken("ffffffffffffffffffff").clean(message) == message)
        #expect(APIToken("").clean(message) == message)
        #expect(APIToken("").isIn(message) == false)
        // No token is as short as that, and words are.
        #expect(APIToken("access").clean(message) == message)
        #expect(APIToken("access-1").clean("no access-1 any more") == "no [token] any more")
        #expect(token.clean("a\nb\u{0}c") == "a b c")
        #expect(token.clean(String(repeating: "é", count: 5000)).count == Secrets.messageLimitCharacters)
    }
}
