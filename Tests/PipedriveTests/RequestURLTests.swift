import Planning
import Testing

@testable import Pipedrive

@Suite struct RequestURLTests {
    private let since = Instant(seconds: 1_704_067_200)

    @Test func aWindowOfDeals() {
        let request = PageRequest(
            list: Pages.list, since: since, until: since + 60, direction: .ascending, position: .cursor("a+b/c=="))
        #expect(
            RequestURL.page(request, baseURL: "https://acme.pipedrive.com")
                == "https://acme.pipedrive.com/api/v2/deals?status=open%2Cwon%2Clost%2Cdeleted&limit=500"
                + "&updated_since=2024-01-01T00%3A00%3A00Z&updated_until=2024-01-01T00%3A01%3A00Z"
                + "&sort_by=update_time&sort_direction=asc&cursor=a%2Bb%2Fc%3D%3D")
    }

    @Test func aWholeList() {
        let list = ListSpec(
            name: "users", path: "/v1/users", priceTokens: 20, paging: .none, pageLimit: 0, timeFilter: .none)
        #expect(
            RequestURL.page(PageRequest(list: list), baseURL: "http://localhost:80") == "http://localhost:80/v1/users")
        let second = PageRequest(list: list, position: .start(100))
        #expect(RequestURL.page(second, baseURL: "") == "/v1/users?start=100")
    }

    @Test func anOffsetList() {
        let list = ListSpec(
            name: "notes", path: "/v1/notes", priceTokens: 20, paging: .offset, pageLimit: 500, timeFilter: .since)
        let request = PageRequest(list: list, since: since, direction: .descending, position: .start(500))
        #expect(
            RequestURL.page(request, baseURL: "")
                == "/v1/notes?limit=500&updated_since=2024-01-01T00%3A00%3A00Z&"
                + "sort=update_time%20DESC%2C%20id%20DESC&start=500"
        )
    }

    @Test func everythingReservedIsEncoded() {
        #expect(RequestURL.encoded("aZ09-._~") == "aZ09-._~")
        #expect(RequestURL.encoded(" &=+%?#ä\n") == "%20%26%3D%2B%25%3F%23%C3%A4%0A")
    }
}
