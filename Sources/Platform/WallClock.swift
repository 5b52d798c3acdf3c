/// Time and waiting. All time is the C library's wall clock, so that a rehearsal can move the nights.
package protocol WallClock: Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    var nowMilliseconds: Int64 { get }

    /// Waits; ends early with `CancellationError` when the task is cancelled.
    func sleep(milliseconds: Int64) async throws
}
