import Foundation
import Planning
import TestSupport
import Testing

@testable import Warehouse

/// The table of members against the catalogue and the official descriptions, where they lie beside the project. Cannot
/// see where the servers send something else than they describe.
@Suite struct MemberTableTests {
    @Test func everyStreamIsDescribedAndNoEntryIsMisspelt() {
        for stream in Catalogue.streams {
            let members = MemberTable.members(of: stream.name).map(\.name)
            #expect(stream.keyMember.isEmpty || members.contains(stream.keyMember), "\(stream.name)")
            #expect(Set(members).count == members.count, "\(stream.name)")
            if let time = stream.updateTimeMember { #expect(members.contains(time), "\(stream.name)") }
        }
        for line in MemberTable.entries {
            #expect(!line.entries.isEmpty, "\(line.stream)")
            #expect(MemberTable.members(of: line.stream).count == line.entries.count, "\(line.stream)")
        }
    }

    @Test(arguments: ["v1", "v2"])
    func everyMemberOfTheDescriptionsIsInTheTable(version: String) throws {
        guard let text = OfficialAPI.text("openapi-\(version).yaml") else {
            print("skipped: no openapi-\(version).yaml in shared/pipedrive")
            return
        }
        let described = OfficialMembers(text)
        for stream in Catalogue.streams {
            let members = Dictionary(
                uniqueKeysWithValues: MemberTable.members(of: stream.name).map { ($0.name, $0.kind) })
            for list in stream.lists where list.path.contains("/\(version)/") {
                let path = String(list.path.split(separator: "/\(version)").last ?? "")
                let found = try #require(described.members(of: path, within: stream.rowsMember), "\(path)")
                #expect(found.count > 0, "\(path)")
                for (name, type) in found where name != "custom_fields" {
                    let kind = try #require(members[name], "\(stream.name) has \(name)")
                    #expect(
                        type.map(Self.types(of: kind).contains) ?? true,
                        "\(stream.name).\(name) is \(type ?? ""), not \(kind)")
                }
            }
        }
    }

    /// What a member of the kind may be in the descriptions.
    private static func types(of kind: Member.Kind) -> Set<String> {
        switch kind {
        case .text, .time, .date, .clock: ["string"]
        // Flags are numbers in v1, and some counts are texts.
        case .integer: ["integer", "number", "string"]
        case .number: ["number", "integer"]
        case .boolean: ["boolean", "integer", "number", "string"]
        case .ids: ["array"]
        case .json: ["object", "array"]
        case .address, .money: ["object"]
        }
    }
}
