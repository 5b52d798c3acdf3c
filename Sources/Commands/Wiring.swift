import Foundation
import Logging
import Planning
import Platform

/// The world, made once and passed on by initialisers; never global.
struct World {
    var clock: any WallClock = SystemClock()
    var disk: any FileSystem = LocalDisk()
    var environment = ProcessInfo.processInfo.environment
    var logger = Logger(label: "pipesnap") { _ in ConsoleLogHandler() }

    var now: Instant { Instant(milliseconds: clock.nowMilliseconds) }

    func job(_ path: String) throws -> Job { try JobFile.read(path: path, environment: environment) }

    /// Gives the network to the body and closes it afterwards, come what may.
    func withNetwork<Value: Sendable>(
        for job: Job, _ body: (NetworkTransport) async throws -> Value
    ) async throws -> Value {
        let transport = NetworkTransport(authorityFile: job.authorityFile)
        do {
            let value = try await body(transport)
            await transport.shutdown()
            return value
        } catch {
            await transport.shutdown()
            throw error
        }
    }
}
