import Foundation
import Pipedrive
import Planning
import Platform

/// The file that holds a refresh token, for its owner alone. A new one is written beside it and takes its place in one
/// step, so that a kill leaves the old or the new; what lies beside it complete is the newer of the two, since it was
/// given out before the kill. Nobody uses an access token before the refresh token that came with it is kept, so a
/// server that gives a new one each time still takes the old one after a kill in between.
struct RefreshTokenFile: GrantKeeper {
    static let largestBytes = 16 * 1024
    /// How long another renewal of the same file is waited for.
    static let patienceMilliseconds: Int64 = 60_000
    private static let pollMilliseconds: Int64 = 100
    /// As much as any refresh token needs, and nothing that would be taken for one.
    private static let room = [UInt8](repeating: UInt8(ascii: " "), count: 4096)

    let path: String
    let disk: any FileSystem
    let clock: any WallClock

    /// - Parameter path: absolute. Where it is a link, the file it leads to is the one that is replaced.
    init(path: String, disk: any FileSystem, clock: any WallClock) {
        self.path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        (self.disk, self.clock) = (disk, clock)
    }

    private var draft: String { path + ".new" }

    func renewing<Value: Sendable>(
        _ body: @Sendable (StoredGrant) async throws -> (grant: StoredGrant, value: Value)
    ) async throws -> Value {
        try await replacing { try await body(try grant(in: path)) }
    }

    /// Keeps the grant that comes back, whatever was kept before: a new login.
    func replacing<Value: Sendable>(
        _ body: @Sendable () async throws -> (grant: StoredGrant, value: Value)
    ) async throws -> Value {
        let lock = try await lock()
        defer { lock.unlock() }
        // What a kill left comes into its place before anything is written where it lies.
        if newerDraft != nil { try putInPlace() }
        // There must be room: a full disk is found out while the old token still is the right one.
        try write(Self.room)
        do {
            let (grant, value) = try await body()
            try write(Array(grant.fileText.utf8))
            try putInPlace()
            return value
        } catch {
            try? disk.remove(draft)
            throw error
        }
    }

    /// What is kept. Throws `Stop` with exit code 77.
    func read() throws(Stop) -> StoredGrant {
        if let newerDraft { return newerDraft }
        return try grant(in: path)
    }

    /// What a kill left whole beside the file.
    private var newerDraft: StoredGrant? { (try? grant(in: draft)).flatMap { $0.refreshedAt == nil ? nil : $0 } }

    private func grant(in path: String) throws(Stop) -> StoredGrant {
        let text = try TokenReader.contents(of: path, Self.words, largestBytes: Self.largestBytes)
        guard let grant = StoredGrant(fileText: text) else {
            throw TokenReader.refusal("\(Self.words.name) \(path) holds no refresh token", Self.words.cure)
        }
        return grant
    }

    private static let words = TokenReader.FileWords(
        name: "the refresh token file", cure: "log in with pipesnap login, which writes it")

    private func putInPlace() throws {
        try doing {
            try disk.sync(draft)
            try disk.rename(draft, to: path)
            try disk.syncDirectory(folder)
        }
    }

    /// Anew, and for its owner alone from the first moment.
    private func write(_ bytes: [UInt8]) throws {
        try doing {
            try disk.remove(draft)
            try disk.createPrivate(draft)
            try disk.append(bytes, to: draft)
            try disk.sync(draft)
        }
    }

    private func doing(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let failure as FileFailure {
            throw Self.refused(failure)
        }
    }

    private func lock() async throws -> any FileLock {
        let end = clock.nowMilliseconds + Self.patienceMilliseconds
        while true {
            do {
                if let lock = try disk.lock(path + ".lock") { return lock }
            } catch let failure as FileFailure {
                throw Self.refused(failure)
            }
            guard clock.nowMilliseconds < end else {
                throw Stop(
                    .alreadyRunning, "somebody else holds \(path).lock", hint: "wait for it, and run again")
            }
            try await clock.sleep(milliseconds: Self.pollMilliseconds)
        }
    }

    private var folder: String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }

    private static func refused(_ failure: FileFailure) -> Stop {
        Stop(
            .cannotWriteOutput, "the refresh token cannot be kept: \(failure)",
            hint: failure.isInTheWay
                ? "move it away and run again"
                : "its folder must be writable for the user of the job; mend that and run again")
    }
}

extension StoredGrant {
    private struct Members: Codable {
        var refreshToken: String
        var refreshedAt: String?
        var loggedInAt: String?
        var apiDomain: String?
    }

    /// Our own form, or a bare token that somebody put there by hand. Nil for anything else.
    init?(fileText: String) {
        let text = fileText.trimmingCharacters(in: .whitespacesAndNewlines)
        if text.hasPrefix("{") {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            guard let members = try? decoder.decode(Members.self, from: Data(text.utf8)) else { return nil }
            self.init(
                refreshToken: members.refreshToken, refreshedAt: members.refreshedAt.flatMap { Instant($0) },
                loggedInAt: members.loggedInAt.flatMap { Instant($0) }, apiDomain: members.apiDomain)
        } else {
            self.init(refreshToken: text)
        }
        guard !refreshToken.isEmpty, refreshToken.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { return nil }
    }

    var fileText: String {
        let members = Members(
            refreshToken: refreshToken, refreshedAt: refreshedAt?.description, loggedInAt: loggedInAt?.description,
            apiDomain: apiDomain)
        return ((try? JSONText.pretty(members)) ?? refreshToken) + "\n"
    }
}
