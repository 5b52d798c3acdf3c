import Foundation
import TestSupport
import Testing

@testable import Planning

/// The table of streams against itself and against the official descriptions, where they lie beside the project.
/// Cannot see where the servers do something else than they describe.
@Suite struct CatalogueTests {
    private static let lists = Catalogue.streams.flatMap(\.lists)

    /// `v2` and `/deals` of `/api/v2/deals`.
    private static func place(of list: ListSpec) throws -> (version: String, path: String) {
        let parts = try #require(list.path.wholeMatch(of: /(?:\/api)?\/(v[12])(\/.+)/), "\(list.path)")
        return (String(parts.1), String(parts.2))
    }

    @Test func namesAreUnique() {
        #expect(Set(Catalogue.streams.map(\.name)).count == Catalogue.streams.count)
        #expect(Set(Self.lists.map(\.name)).count == Self.lists.count)
        let requests = Self.lists.map { [$0.path] + $0.parameters.map { "\($0.name)=\($0.value)" } }
        #expect(Set(requests).count == Self.lists.count)
        for stream in Catalogue.streams {
            #expect(Catalogue.stream(named: stream.name) == stream)
            #expect(stream.name.wholeMatch(of: /[a-z_]+/) != nil, "a folder's name: \(stream.name)")
        }
        #expect(Catalogue.stream(named: "nothing") == nil)
    }

    @Test func rowsMakeSense() {
        for stream in Catalogue.streams {
            #expect(!stream.lists.isEmpty, "\(stream.name)")
            #expect(stream.keyMember.isEmpty == (stream.keyKind != .member), "\(stream.name)")
            for list in stream.lists {
                #expect((list.timeFilter == .none) == (list.timeToLiveSeconds != nil), "\(list.name)")
            }
            if stream.group == .core { #expect(stream.lists[0].timeFilter != .none, "\(stream.name)") }
            if stream.group == .metadata { #expect(stream.isWholeList, "\(stream.name)") }
            if !stream.isWholeList && stream.parent == nil {
                #expect(stream.updateTimeMember != nil, "walked by time: \(stream.name)")
            }
            #expect(stream.needs != nil, "\(stream.name)")
        }
        for list in Self.lists {
            #expect(list.priceTokens > 0 && (list.pageLimit > 0) == (list.paging != .none), "\(list.name)")
        }
    }

    @Test func namesOfTheContract() throws {
        let core = Set(Catalogue.streams.filter { $0.group == .core }.map(\.name))
        #expect(core == ["deals", "persons", "organizations", "activities", "products", "leads", "notes"])
        let deals = try #require(Catalogue.stream(named: "deals"))
        #expect(deals.lists.map(\.name) == ["deals", "deals/archived"], "the live list is read first")
        for list in deals.lists {
            #expect(list.parameters == [.init("status", "open,won,lost,deleted")], "\(list.name)")
        }
        #expect(Catalogue.stream(named: "currencies")?.keyMember == "code")
        let metadata = Catalogue.streams.filter { $0.group == .metadata }
        #expect(metadata.flatMap(\.lists).allSatisfy { $0.timeToLiveSeconds == 20 * 3600 })
        let named = [
            "pipelines", "stages", "users", "currencies", "activity_types", "filters", "lead_labels", "lead_sources",
            "deal_fields", "person_fields", "organization_fields", "product_fields", "activity_fields",
            "project_fields", "lead_fields", "note_fields",
        ]
        #expect(metadata.map(\.name) == named)
        let archive = try #require(Catalogue.stream(named: "leads")?.lists.last)
        #expect(archive.timeToLiveSeconds == 7 * 86_400 && archive.priceTokens == 40 && !archive.tellsWhatIsGone)
    }

    @Test func childrenHangUnderStreamsThatStandAlone() throws {
        let children = Catalogue.streams.filter { $0.parent != nil }
        #expect(Catalogue.streams.count >= 40 && children.count == 20, "\(Catalogue.streams.count)")
        for stream in children {
            let parent = try #require(Catalogue.stream(named: stream.parent?.stream ?? ""), "\(stream.name)")
            #expect(parent.parent == nil && Catalogue.children(of: parent.name).contains(stream), "\(stream.name)")
            let list = try #require(stream.lists.first)
            #expect(stream.lists.count == 1 && list.timeFilter == .parents && list.selection.most > 0)
            #expect(list.path.contains("{id}") == (list.selection == .path), "\(stream.name)")
            // Whoever asks for a hundred parents at once must be told whose a child is.
            if list.selection.most > 1 { #expect(stream.parent?.member != nil, "\(stream.name)") }
            if stream.keyKind != .member { #expect(stream.saysParent && stream.isHistory, "\(stream.name)") }
            #expect((stream.group == .byName) == stream.isHistory && stream.group != .core, "\(stream.name)")
        }
        for stream in Catalogue.streams where stream.parent == nil {
            #expect(stream.lists.allSatisfy { $0.timeFilter != .parents && $0.selection == .everything })
        }
    }

    /// What looking for changes costs when there are none, archived leads being young enough.
    @Test func anIdleNightOfCoreCosts110() {
        let core = Catalogue.streams.filter { $0.group == .core }.flatMap(\.lists)
        #expect(core.filter { $0.timeFilter != .none }.reduce(0) { $0 + $1.priceTokens } == 110)
    }

    @Test func pricesAreTheOfficialOnes() throws {
        guard let table = OfficialAPI.text("token-costs.tsv") else {
            print("skipped: no token-costs.tsv in shared/pipedrive")
            return
        }
        let rows = table.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        for list in Self.lists {
            let (version, path) = try Self.place(of: list)
            let row = rows.first { $0.starts(with: [Substring(version), "GET", Substring(path)]) }
            let found = try #require(row, "\(version) GET \(path) is not in the table")
            #expect(Int(found[3]) == list.priceTokens, "\(list.name)")
            #expect(found[5].isEmpty, "\(list.name) is deprecated")
        }
    }

    @Test(arguments: ["v1", "v2"])
    func parametersAreDeclared(version: String) throws {
        guard let text = OfficialAPI.text("openapi-\(version).yaml") else {
            print("skipped: no openapi-\(version).yaml in shared/pipedrive")
            return
        }
        let api = OfficialAPI(text)
        for list in Self.lists {
            let place = try Self.place(of: list)
            guard place.version == version else { continue }
            let operation = try #require(api.reading[place.path], "no GET \(place.path)")
            #expect(operation.tokenCost == list.priceTokens && !operation.isDeprecated, "\(list.name)")
            for name in Self.sent(to: list) {
                #expect(operation.parameters[name] != nil, "\(list.name) does not declare \(name)")
            }
            try Self.checkValues(of: list, operation)
        }
    }

    /// Every parameter that a request to the list can carry.
    private static func sent(to list: ListSpec) -> [String] {
        var names = list.parameters.map(\.name)
        if list.pageLimit > 0 { names.append("limit") }
        if list.timeFilter == .sinceAndUntil || list.timeFilter == .since { names.append("updated_since") }
        if list.timeFilter == .sinceAndUntil { names.append("updated_until") }
        let isSorted = list.timeFilter != .none && list.timeFilter != .parents
        switch list.paging {
        case .cursor: names += ["cursor"] + (isSorted ? ["sort_by", "sort_direction"] : [])
        case .offset: names += ["start"] + (isSorted ? ["sort"] : [])
        case .none: break
        }
        switch list.selection {
        case .parameter(let name), .value(let name): names.append(name)
        case .everything, .path, .single: break
        }
        return names
    }

    private static func checkValues(of list: ListSpec, _ operation: OfficialAPI.Reading) throws {
        if list.pageLimit > 0 {
            let said = operation.parameters["limit"]?
                .firstMatch(of: /(?:maximum value of|upper limit is) (\d+)/).map { Int($0.1) }
            if let said { #expect(said == list.pageLimit, "\(list.name)") }
        }
        let isSorted = list.timeFilter != .none && list.timeFilter != .parents
        if isSorted, list.paging == .cursor {
            let fields = operation.parameters["sort_by"]?.split(separator: "\n") ?? []
            #expect(fields.contains("- update_time"), "\(list.name) cannot be sorted by update time")
        }
        if !isSorted {
            #expect(operation.parameters["updated_since"] == nil, "\(list.name) could be read by windows")
        }
        if isSorted, list.paging == .offset {
            #expect(operation.parameters["sort"]?.contains("update_time") == true, "\(list.name)")
        }
        if list.paging == .none {
            let pages = ["start", "cursor", "limit"].filter { operation.parameters[$0] != nil }
            #expect(pages.isEmpty, "\(list.name) could be read by pages")
        }
        for parameter in list.parameters where parameter.name == "status" {
            let known = operation.parameters["status"] ?? ""
            for value in parameter.value.split(separator: ",") {
                let isKnown = known.contains("- \(value)\n") || known.contains("`\(value)`")
                #expect(isKnown, "\(list.name) knows no status \(value)")
            }
        }
        // What the list offers for reading all of it and is not sent would leave records out.
        #expect(operation.parameters["include_archived"] == nil, "\(list.name)")
    }
}
