import Foundation
import Pipedrive
import Planning
import Platform
import TestSupport
import Testing

@testable import Commands

/// The file with the refresh token, at every instant at which a kill may find it.
@Suite struct RefreshTokenFileTests {
    private let folder: TemporaryFolder
    private let file: RefreshTokenFile

    init() throws {
        folder = try TemporaryFolder()
        file = RefreshTokenFile(path: "\(folder.path)/acme.refresh", disk: LocalDisk(), clock: ManualClock())
    }

    private func mode() throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    private func keep(_ grant: StoredGrant) async throws { try await file.replacing { (grant, ()) } }

    private let first = StoredGrant(refreshToken: "one", refreshedAt: Instant(seconds: 1_795_392_000))
    private let second = StoredGrant(
        refreshToken: "two", refreshedAt: Instant(seconds: 1_795_395_600),
        loggedInAt: Instant(seconds: 1_795_392_000))

    @Test func isWrittenForItsOwnerAlone() async throws {
        try await keep(first)
        #expect(try file.read() == first)
        #expect(try mode() == 0o600)
        try await file.renewing { [first, second] kept in
            #expect(kept == first)
            return (second, ())
        }
        #expect(try file.read() == second)
        #expect(try mode() == 0o600)
        #expect(try LocalDisk().list(folder.path) == ["acme.refresh", "acme.refresh.lock"])
    }

    @Test func aRenewalThatFailsKeepsTheOldToken() async throws {
        try await keep(first)
        await #expect(throws: RenewalFailure.self) {
            try await file.renewing { _ -> (grant: StoredGrant, value: Void) in throw RenewalFailure(reason: "down") }
        }
        #expect(try file.read() == first)
        try await file.renewing { [first, second] kept in
            #expect(kept == first)
            return (second, ())
        }
        #expect(try file.read() == second)
    }

    /// Killed between the answer and the rename, while the new file was whole, or half written.
    @Test func aKillLosesNoToken() async throws {
        try await keep(second)
        let whole = try #require(FileManager.default.contents(atPath: file.path))
        try await keep(first)
        for length in 0...whole.count {
            let draft = "\(file.path).new"
            try LocalDisk().remove(draft)
            #expect(
                FileManager.default.createFile(
                    atPath: draft, contents: whole.prefix(length), attributes: [.posixPermissions: 0o600]))
            let found = try file.read()
            // The last byte is a line end.
            #expect(found == (length >= whole.count - 1 ? second : first), "\(length) of \(whole.count)")
        }
    }

    /// Where the server ends the old token as soon as it gives the new one, what a kill left beside the file is all
    /// there is: a second kill, before the server was asked again, must leave it as it is.
    @Test(arguments: [DyingDisk.Death.clean, .unheard, .torn]) func aSecondKillLosesNothingMore(
        death: DyingDisk.Death
    ) async throws {
        var (firstKill, sawNewer) = (1, false)
        while true {
            try await keep(first)
            let dying = RefreshTokenFile(
                path: file.path, disk: DyingDisk(LocalDisk(), diesAt: firstKill, death), clock: ManualClock())
            let isDone = (try? await dying.renewing { [second] _ in (second, ()) }) != nil
            let left = try file.read()
            let whole = try files()
            for secondKill in 1...12 {
                try put(whole)
                let disk = DyingDisk(LocalDisk(), diesAt: secondKill, death)
                let again = RefreshTokenFile(path: file.path, disk: disk, clock: ManualClock())
                try? await again.renewing { _ -> (grant: StoredGrant, value: Void) in
                    throw RenewalFailure(reason: "not asked")
                }
                #expect(try file.read() == left, "killed at \(firstKill), then at \(secondKill)")
            }
            sawNewer = sawNewer || (left == second && whole.count > 2)
            if isDone { break }
            firstKill += 1
        }
        #expect(sawNewer)
    }

    private func files() throws -> [String: Data] {
        try LocalDisk().list(folder.path).reduce(into: [:]) { files, name in
            files[name] = FileManager.default.contents(atPath: "\(folder.path)/\(name)")
        }
    }

    private func put(_ files: [String: Data]) throws {
        for name in try LocalDisk().list(folder.path) { try LocalDisk().remove("\(folder.path)/\(name)") }
        for (name, bytes) in files {
            let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
            #expect(
                FileManager.default.createFile(
                    atPath: "\(folder.path)/\(name)", contents: bytes, attributes: attributes))
        }
    }

    @Test func aTokenPutThereByHandIsTaken() throws {
        _ = try folder.write(" by-hand\n", to: "acme.refresh")
        #expect(try file.read() == StoredGrant(refreshToken: "by-hand"))
    }

    @Test(arguments: ["", "{}", "two words", #"{"refresh_token":""}"#]) func anythingElseIsRefused(text: String) throws
    {
        _ = try folder.write(text, to: "acme.refresh")
        let stop = #expect(throws: Stop.self) { try file.read() }
        #expect(stop?.code == .tokenRefused && stop?.hint.contains("pipesnap login") == true)
    }

    @Test func openToOthersOrNotThere() throws {
        #expect(throws: Stop.self) { try file.read() }
        _ = try folder.write("token", to: "acme.refresh", mode: 0o640)
        let stop = #expect(throws: Stop.self) { try file.read() }
        #expect(stop?.reason.contains("open to other users") == true)
    }

    @Test func onlyOneRenewsAtATime() async throws {
        try await keep(first)
        let lock = try #require(try LocalDisk().lock("\(file.path).lock"))
        let stop = await #expect(throws: Stop.self) { try await file.renewing { ($0, ()) } }
        #expect(stop?.code == .alreadyRunning)
        lock.unlock()
    }

    @Test func whatTheBrowserBringsBack() throws {
        let answer = try #require(RedirectAnswer(target: "http://127.0.0.1:8931/?code=c0de&state=st"))
        #expect(try answer.checkedCode(state: "st") == "c0de")
        #expect(try answer.checkedCode(state: nil) == "c0de")
        #expect(throws: Stop.self) { try answer.checkedCode(state: "other") }
        let refused = try #require(RedirectAnswer(target: "/?error=user_denied&state=st"))
        #expect(throws: Stop.self) { try refused.checkedCode(state: "st") }
        #expect(RedirectAnswer(target: "/favicon.ico") == nil)
        #expect(RedirectAnswer(target: "c0de") == nil)
    }
}
