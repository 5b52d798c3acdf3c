import Foundation
import Platform
import Simulator
import TestSupport
import Testing

@Suite("Answers made from the official examples")
struct ExampleTests {
    private func answer(_ transport: ExampleTransport, _ target: String) async throws -> (Int, [String: Any]) {
        let request = TransportRequest(url: "https://acme.example" + target, headers: [], timeoutSeconds: 10)
        let response = try await transport.send(request)
        return (response.status, try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any] ?? [:])
    }

    @Test("Each path of the simulator has one, and it is the only page")
    func everyPath() async throws {
        guard let transport = ExampleTransport() else {
            print("skipped: no spec-examples.json in shared/pipedrive")
            return
        }
        let account = SimulatedAccount(options: AccountOptions(size: AccountSize(deals: 40)))
        for endpoint in Endpoint.table {
            let (status, body) = try await answer(transport, endpoint.target(account))
            #expect(status == 200, "\(endpoint.path)")
            let extra = body["additional_data"] as? [String: Any]
            #expect(extra?["next_cursor"] == nil || extra?["next_cursor"] is NSNull, "\(endpoint.path)")
            let pagination = extra?["pagination"] as? [String: Any]
            #expect(pagination?["more_items_in_collection"] as? Bool != true, "\(endpoint.path)")
            let rows = ExampleTransport.records(endpoint.version, endpoint.path)
            #expect(NSArray(array: Asker.rows(body)) == NSArray(array: rows), "\(endpoint.path)")
        }
        #expect(transport.requests.count == Endpoint.table.count)
        #expect(try await answer(transport, "/v1/nothing").0 == 404)
    }

    @Test("A window shows what lies in it")
    func windows() async throws {
        guard let transport = ExampleTransport() else { return }
        let time = try #require(ExampleTransport.records(2, "/deals").first?["update_time"] as? String)
        let from = try await answer(transport, "/api/v2/deals?updated_since=\(time)").1
        let to = try await answer(transport, "/api/v2/deals?updated_until=\(time)").1
        #expect(!Asker.rows(from).isEmpty && Asker.rows(to).isEmpty)
    }
}
