import Extraction
import Foundation
import Planning
import Platform
import Rehearsals
import Simulator
import Testing

@testable import Storage

/// What fields and options were called, as the definitions have told it. The simulated definitions are as complete as
/// the official ones; a name that came and went between two listings is seen by nobody.
@Suite("The history of fields")
struct FieldHistoryTests {
    private static let nights: [@Sendable (inout SimulatedAccount) -> Void] = [
        { _ in },
        { account in
            let key = account.fieldKeys(.deals, type: "enum")[0]
            account.renameField(.deals, key, to: "Renamed \"once\"")
            account.addOption(.deals, key, label: "Brand new")
        },
        { account in
            let key = account.fieldKeys(.deals, type: "enum")[0]
            account.renameField(.deals, key, to: "Renamed twice")
            account.renameOption(.deals, key, secondOption(of: key, account), to: "Other")
        },
        { account in account.deleteField(.deals, account.fieldKeys(.deals, type: "enum")[0]) },
    ]

    /// Ids of options are ten a field.
    private static func secondOption(of key: String, _ account: SimulatedAccount) -> Int {
        101 + 10 * (account.fieldKeys(.deals).firstIndex(of: key) ?? 0)
    }

    private func index(_ rehearsal: Rehearsal) throws -> Index {
        try Index(reading: Folders(output: rehearsal.folder.path, account: "acme").index)
    }

    private func lived() async throws -> (Rehearsal, enumKey: String, Instant) {
        let rehearsal = try Rehearsal(["deal_fields", "lead_fields", "person_fields"])
        let key = rehearsal.company.withAccount { $0.fieldKeys(.deals, type: "enum")[0] }
        let began = rehearsal.now
        for change in Self.nights {
            rehearsal.change(change)
            #expect(try await rehearsal.night().code == .complete)
            rehearsal.sleep(hours: 24)
        }
        return (rehearsal, key, began)
    }

    @Test("Every name a field and an option had, and since when")
    func names() async throws {
        let (rehearsal, key, began) = try await lived()
        let fields = try index(rehearsal).fields(of: "deal_fields")
        let days = (0...3).map { (began + $0 * 86_400).description }
        let field = try #require(fields.first { $0.key == key })
        #expect(field.entity == "deals" && field.isCustom && field.type == "enum" && field.isDeleted)
        #expect(field.name == "Renamed twice" && field.names.count == 3)
        #expect(field.names.map(\.since) == Array(days[0...2]) && field.names.map(\.until) == Array(days[1...3]))
        #expect(field.names[1].name == "Renamed \"once\"" && field.earlierNames.last == "Renamed \"once\"")
        let renamed = try #require(field.options.first { $0.label == "Other" })
        #expect(renamed.id.hasSuffix("1") && renamed.labels.map(\.since) == [days[0], days[2]])
        let added = try #require(field.options.first { $0.label == "Brand new" })
        #expect(added.labels.map(\.since) == [days[1]] && added.labels.map(\.until) == [days[3]])
        #expect(!field.options.contains { !$0.isDeleted })
        let title = try #require(fields.first { $0.key == "title" })
        #expect(!title.isDeleted && !title.isCustom && title.names.count == 1 && title.options.isEmpty)
        #expect(fields.map(\.key) == fields.map(\.key).sorted())
        // The same field as leads have it, from v1.
        let leads = try index(rehearsal).fields(of: "lead_fields")
        let ofLeads = try #require(leads.first { $0.key == key })
        #expect(ofLeads.entity == "leads" && ofLeads.names.map(\.name) == field.names.map(\.name))
        let streams = Set(try index(rehearsal).fields().map(\.stream))
        #expect(streams == ["deal_fields", "lead_fields", "person_fields"])
    }

    @Test("A rebuild makes it again exactly")
    func rebuild() async throws {
        let (rehearsal, _, _) = try await lived()
        let before = try index(rehearsal).fields()
        #expect(before.count > 40)
        _ = try Vault.rebuild(
            account: "acme", output: rehearsal.folder.path, disk: LocalDisk(), clock: rehearsal.clock,
            recovery: rehearsal.recovery)
        let after = try index(rehearsal).fields()
        #expect(after == before)
    }

    @Test("What verify derives from the files once more is what the index says; a false name is found")
    func verified() async throws {
        let (rehearsal, key, _) = try await lived()
        #expect(try rehearsal.verify().isWell)
        // Written as the program writes, so that no sum of the table tells.
        let index = try Index(writing: Folders(output: rehearsal.folder.path, account: "acme").index)
        try index.write { try $0.execute(sql: "UPDATE field_history SET name = 'False' WHERE field = '\(key)'") }
        let report = try rehearsal.verify()
        #expect(report.disagreements.map(\.what).allSatisfy { $0.contains("other names of field \(key)") })
        // Deals and leads share their custom fields.
        #expect(report.disagreements.count == 2, "\(report.disagreements)")
    }
}
