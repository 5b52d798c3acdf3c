import Planning
import Testing

@testable import Pipedrive

/// Definitions as both versions of the API write them.
@Suite struct FieldNamesTests {
    private func names(_ definition: String, _ stream: String = "deal_fields") throws -> [[FieldName]] {
        let spec = try #require(Catalogue.stream(named: stream))
        let page = try PageSlicer.page(Array(#"{"success":true,"data":[\#(definition)]}"#.utf8), of: spec)
        return page.records.map(\.names)
    }

    @Test func versionTwo() throws {
        let text = #"""
            {"field_name":"Prio \"1\"","field_code":"a","description":"x","field_type":"enum","options":
             [ {"id":1,"label":"Low","color":"green"}, {"id":2,"label":"Middle [x]"} ],"subfields":null},
            {"field_name":"Value","field_code":"value","field_type":"monetary","options":null,
             "subfields":[{"field_code":"value","field_name":"Amount","field_type":"double"}]}
            """#
        #expect(
            try names(text) == [
                [
                    FieldName(name: "Prio \"1\"", type: "enum"), FieldName(option: "1", name: "Low", type: "enum"),
                    FieldName(option: "2", name: "Middle [x]", type: "enum"),
                ], [FieldName(name: "Value", type: "monetary")],
            ])
    }

    @Test func versionOne() throws {
        let text = #"""
            {"id":2,"key":"status","name":"Status","field_type":"status","options":[{"id":"open","label":"Open"},7]},
            {"id":3,"key":"x","field_type":"text"}
            """#
        #expect(
            try names(text, "lead_fields") == [
                [FieldName(name: "Status", type: "status"), FieldName(option: "open", name: "Open", type: "status")],
                [],
            ])
    }

    @Test func otherRecordsAreNotLookedInto() throws {
        #expect(try names(#"{"id":1,"field_name":"x"}"#, "deals") == [[]])
    }
}
