import Foundation
import TestSupport
import Testing

@testable import Platform

/// TLS for real, on the loopback. A proxy that breaks it open on purpose is one authority more, or none.
@Suite struct TLSTests {
    private static let token = "s3cret-that-nobody-hears"

    /// What a transport that trusts these authorities besides the system's gets to hear, and what the server does.
    private func ask(_ identity: TestCertificates.Identity, trusting authority: String?) async throws -> (
        answer: Result<[UInt8], TransportFailure>, heard: String
    ) {
        let folder = try TemporaryFolder()
        if let authority { try Data(authority.utf8).write(to: URL(fileURLWithPath: folder("ca.pem"))) }
        let transport = NetworkTransport(authorityFile: authority == nil ? nil : folder("ca.pem"))
        let server = try await TLSServer(identity)
        let request = TransportRequest(
            url: server.url, headers: [("x-api-token", Self.token)], timeoutSeconds: 300)
        let answer: Result<[UInt8], TransportFailure>
        do { answer = .success(try await transport.send(request).body) } catch let failure as TransportFailure {
            answer = .failure(failure)
        }
        await transport.shutdown()
        return (answer, server.heard)
    }

    @Test func anAuthorityThatIsNamedIsTrusted() async throws {
        let (answer, heard) = try await ask(.right, trusting: TestCertificates.authority)
        #expect(answer == .success(Array("ok".utf8)))
        #expect(heard.contains("x-api-token: \(Self.token)\r\n"))
    }

    /// Nothing of the request reaches a server that cannot show who it is.
    @Test(arguments: TestCertificates.Identity.allCases) func anUnknownAuthorityIsNot(
        identity: TestCertificates.Identity
    ) async throws {
        let (answer, heard) = try await ask(identity, trusting: nil)
        expectUnreachable(answer, "is not trusted")
        #expect(heard == "")
    }

    /// Trusting an authority is not trusting everybody.
    @Test func aNamedAuthorityTurnsNothingOff() async throws {
        let (other, heard) = try await ask(.otherName, trusting: TestCertificates.authority)
        expectUnreachable(other, "is for another name")
        #expect(heard == "")
        let (selfSigned, overheard) = try await ask(.selfSigned, trusting: TestCertificates.authority)
        expectUnreachable(selfSigned, "is not trusted")
        #expect(overheard == "")
    }

    @Test func aFileOfAuthoritiesIsToldFromAnother() {
        let (one, key) = (TestCertificates.authority, TestCertificates.serverKey)
        #expect(TrustedAuthorities.count(inPEM: Array(one.utf8)) == 1)
        #expect(TrustedAuthorities.count(inPEM: Array("\(one)\n\(TestCertificates.Identity.right.pem)\n".utf8)) == 2)
        for text in ["", "no certificate", key, String(one.dropLast(40)), one.replacing("MII", with: "MIA")] {
            #expect(TrustedAuthorities.count(inPEM: Array(text.utf8)) == nil, "\(text)")
        }
    }

    private func expectUnreachable(
        _ answer: Result<[UInt8], TransportFailure>, _ words: String, _ place: SourceLocation = #_sourceLocation
    ) {
        guard case .failure(.unreachable(let reason)) = answer else {
            Issue.record("\(answer)", sourceLocation: place)
            return
        }
        #expect(reason.contains(words) && !reason.contains(Self.token), sourceLocation: place)
    }
}
