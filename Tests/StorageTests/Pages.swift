import Planning
import TestSupport

@testable import Storage

/// A record as a page shows it.
struct Shown {
    var key: RecordKey
    var text: String
    var time: String?
    var isDeleted = false
    var isCompact = true

    init(_ id: Int64, _ time: String? = nil, _ title: String = "x", isDeleted: Bool = false) {
        key = .integer(id)
        self.time = time
        self.isDeleted = isDeleted
        text = #"{"id":\#(id),"title":"\#(title)"\#(time.map { #","update_time":"\#($0)""# } ?? "")}"#
    }

    init(key: RecordKey, text: String, time: String? = nil, isDeleted: Bool = false, isCompact: Bool = true) {
        (self.key, self.text, self.time) = (key, text, time)
        (self.isDeleted, self.isCompact) = (isDeleted, isCompact)
    }
}

enum Streams {
    static let deals = StreamSpec(
        name: "deals", group: .core,
        lists: [list("deals", .sinceAndUntil), list("deals/archived", .sinceAndUntil)], keyMember: "id",
        updateTimeMember: "update_time", timeToLiveSeconds: nil)
    static let persons = StreamSpec(
        name: "persons", group: .core, lists: [list("persons", .sinceAndUntil)], keyMember: "id",
        updateTimeMember: "update_time", timeToLiveSeconds: nil)
    static let pipelines = StreamSpec(
        name: "pipelines", group: .metadata, lists: [list("pipelines", .none)], keyMember: "id",
        updateTimeMember: "update_time", timeToLiveSeconds: 3600)
    static let currencies = StreamSpec(
        name: "currencies", group: .metadata, lists: [list("currencies", .none)], keyMember: "code",
        updateTimeMember: nil, timeToLiveSeconds: 3600)

    private static func list(_ name: String, _ filter: TimeFilter) -> ListSpec {
        ListSpec(name: name, path: "/" + name, priceTokens: 10, paging: .cursor, pageLimit: 3, timeFilter: filter)
    }
}

enum Tokens {
    static func allowance(day: String = "2026-11-23", spent: Int = 0, company: Allowance.Company = .init()) -> Allowance
    {
        Allowance(day: day, dailyTokens: 1000, keepFree: .tokens(0), spentToday: spent, company: company)
    }
}

func span(_ since: String, _ until: String) -> Interval? {
    guard let since = Instant(since), let until = Instant(until) else { return nil }
    return Interval(since: since, until: until)
}

/// What one page says besides its records.
struct PageNews {
    var list = 0
    /// Milliseconds after the account's beginning at which the server answered.
    var answered: Int64 = 7000
    var walkBefore: Walk?
    var walkAfter: Walk?
    var covered: Interval?
    var endsListing = false
}

extension PreparedPage {
    init(_ shown: [Shown], answered: Int64) {
        var body = Array(#"{"success":true,"data":["#.utf8)
        var records: [RecordSlice] = []
        for record in shown {
            if !records.isEmpty { body.append(UInt8(ascii: ",")) }
            let start = body.count
            body += Array(record.text.utf8)
            records.append(
                RecordSlice(
                    bytes: start..<body.count, key: record.key, updateTime: record.time.flatMap { UpdateTime($0) },
                    isDeleted: record.isDeleted, isCompact: record.isCompact))
        }
        body += Array(#"],"additional_data":{}}"#.utf8)
        self.init(
            Page(body: body, records: records, next: nil), answeredAtMilliseconds: TestAccount.started + answered)
    }
}

extension RunStore {
    /// Lets a page through, and deflates it.
    func entry(_ shown: [Shown], of stream: StreamSpec = Streams.deals, _ news: PageNews = PageNews()) throws
        -> PageEntry
    {
        let list = stream.lists[news.list]
        let prepared = PreparedPage(shown, answered: news.answered)
        let page = try pass(prepared, of: stream, list: list, endsListing: news.endsListing)
        return PageEntry(
            stream: stream, list: list, page: page, block: try page.encoded(level: 6), walkBefore: news.walkBefore,
            walkAfter: news.walkAfter, covered: news.covered,
            seen: list.timeFilter == .none ? shown.map(\.key) : [])
    }

    /// Lets a page through and commits it.
    func put(_ shown: [Shown], of stream: StreamSpec = Streams.deals, _ news: PageNews = PageNews()) throws {
        try commit([entry(shown, of: stream, news)], allowance: Tokens.allowance())
    }

    func endComplete() throws { try end(outcome: .complete, exitCode: 0) }
}
