import Foundation
import Planning
import Testing

@testable import Commands

/// What `load --into` takes. Cannot see whether a client understands the address.
@Suite struct WarehouseTargetTests {
    @Test(arguments: [
        ("duckdb:/data/lake.duckdb", WarehouseTarget.duckdb(path: "/data/lake.duckdb")),
        ("duckdb:lake:1.db", .duckdb(path: "lake:1.db")),
        ("postgres:postgresql://me@db.example:5433/crm", .postgres(address: "postgresql://me@db.example:5433/crm")),
        ("postgres://me@db.example/crm", .postgres(address: "postgres://me@db.example/crm")),
        ("postgres:postgresql://db/crm?user=a:b", .postgres(address: "postgresql://db/crm?user=a:b")),
        ("postgres:host=/run/pg dbname=crm", .postgres(address: "host=/run/pg dbname=crm")),
    ])
    func whatIsUnderstood(text: String, target: WarehouseTarget) throws {
        #expect(try WarehouseTarget(text) == target)
    }

    @Test(arguments: [
        "postgres:postgresql://me:secret@db/crm", "postgres://me:secret@db/crm", "postgres://me:se@cret@db/crm",
        "postgres:host=db password=secret", "postgres://db/crm?PASSWORD=secret",
    ])
    func aPasswordIsRefusedAndNotRepeated(text: String) {
        let stop = #expect(throws: Stop.self) { try WarehouseTarget(text) }
        #expect(stop?.code == .wrongArguments && stop?.description.contains("cret") == false)
    }

    @Test(arguments: ["duckdb", "duckdb:", "mysql:x", "", "/data/lake.duckdb"])
    func whatIsNot(text: String) {
        let stop = #expect(throws: Stop.self) { try WarehouseTarget(text) }
        #expect(stop?.code == .wrongArguments)
    }

    @Test func whatAClientReadsAndComplainsOfAreFilesWithoutNames() throws {
        let input = try #require(NamelessFile(String(repeating: "line\n", count: 100_000)))
        let errors = try #require(NamelessFile())
        let child = try #require(
            ChildProcess(
                path: "/bin/sh", words: ["sh", "-c", "wc -l; echo wrong >&2; exit 3"], environment: [:], input: input,
                errors: errors))
        #expect(child.output(patience: .seconds(30), largestBytes: 100) == .exited(3))
        #expect(errors.end(bytes: 100) == "wrong\n")
    }

    /// The child asks us to end, again and again, and would never end by itself.
    @Test func aSignalEndsTheClientToo() throws {
        let words = ["sh", "-c", "while kill -TERM $PPID; do sleep 0.05; done"]
        FirstSignal.remember()
        let child = try #require(ChildProcess(path: "/bin/sh", words: words, environment: ["PATH": "/usr/bin:/bin"]))
        #expect(child.output(patience: .seconds(30), largestBytes: 100) == .killed(SIGKILL))
        #expect(FirstSignal.code == .terminated)
        FirstSignal.remember()
        for one in [SIGHUP, SIGINT, SIGTERM] { signal(one, SIG_DFL) }
    }

    @Test func aMissingClientIsSaid() {
        let client = WarehouseClient(target: .duckdb(path: "x"), environment: ["PATH": "/nonexistent"])
        let stop = #expect(throws: Stop.self) { try client.run(["SELECT 1"]) }
        #expect(stop?.code == .serverRefuses)
    }
}
