import Planning
import Platform
import TestSupport
import Testing

@testable import Storage

/// The list of new files that a loader works through.
@Suite struct LoadingTests {
    @Test func aRunComesWithAllItsFilesOrNotAtAll() throws {
        let account = try TestAccount()
        var vault = try account.vault()
        let first = try vault.beginRun()
        try first.put([Shown(1)])
        try first.put([Shown(1)], of: Streams.persons)
        try first.endComplete()
        let killed = try vault.beginRun()
        try killed.put([Shown(2)])
        try killed.publish(filesOver: 0)
        try killed.put([Shown(3)])
        let whileUnderWay = try account.index()
        #expect(try whileUnderWay.files(after: nil, stream: nil).map(\.run) == [first.name, first.name])
        #expect(try whileUnderWay.files(after: nil, stream: "persons").map(\.stream) == ["persons"])
        #expect(try whileUnderWay.files(after: first.name, stream: nil).isEmpty)
        // The next run seals what the killed one had committed, under its name.
        vault.close()
        vault = try account.vault()
        let later = try account.index().files(after: first.name, stream: nil)
        #expect(later.map(\.run) == [killed.name, killed.name])
        #expect(later.map(\.records) == [1, 1])
        #expect(try later.allSatisfy { try LocalDisk().size(account.folders.absolute($0.path)) == $0.bytes })
        #expect(try account.index().knowsRun(killed.name))
        #expect(try !account.index().knowsRun("20200101T000000Z"))
        #expect(try account.index().keptStreams() == ["deals", "persons"])
    }
}
