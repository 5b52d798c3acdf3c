/// Everything that can be set about a simulated account. The same options and the same requests at the same times
/// give the same bytes.
package struct AccountOptions: Sendable {
    /// The token that is accepted when no other is set.
    package static let defaultToken = "5111a7ed5111a7ed5111a7ed5111a7ed5111a7ed"
    /// 2026-09-30T00:00:00Z.
    package static let defaultStartMilliseconds: Int64 = 1_790_726_400_000

    package var seed: UInt64 = 1
    /// When the account's own clock begins; all first records are older.
    package var startMilliseconds = AccountOptions.defaultStartMilliseconds
    package var size = AccountSize()
    /// What happens as the clock moves; none by default.
    package var life = LifeRates()
    /// How long an edit stays unseen by lists although it carries its own time, as behind a slow replica.
    package var replicationLagSeconds: Int64 = 0

    package var token = AccountOptions.defaultToken
    /// Lets in by access tokens whom the token above does not.
    package var app = OAuthApp()
    package var companyDomain = "acme"
    package var dailyBudgetTokens = 30_000
    /// When the budget day begins, after midnight UTC.
    package var budgetRenewsAtSeconds: Int64 = 0
    /// What other integrations of the company draw from the same budget.
    package var otherTrafficTokensPerHour = 0
    /// Requests in any two seconds.
    package var burstRequests = 40
    /// Requests sent in defiance of 429 within ten seconds that bring the 403 page.
    package var abuseRequests = 20

    package var latencyMilliseconds: Int64 = 0
    /// Up to this much is added to the latency, by the seed.
    package var latencyJitterMilliseconds: Int64 = 0
    package var sendsDailyHeaders = true
    package var sendsBurstHeaders = true
    /// Whether a burst 429 carries `Retry-After`; observers disagree about the live service.
    package var sendsRetryAfterOnBurst = false
    /// What a 5xx answer says in `Retry-After`, in seconds.
    package var retryAfterSeconds: Int?
    /// How far the account's clock, its records included, runs ahead of the caller's.
    package var clockAheadMilliseconds: Int64 = 0
    /// A lie in the `Date` header alone.
    package var dateSkewSeconds: Int64 = 0
    package var misbehaviours: [Misbehaviour] = []
    /// The share of rows that this token may see; less than one when it has lost rights.
    package var visibleShare = 1.0
    package var unavailable: [UnavailableList] = []
    package var apiChanges: [APIChange] = []
    /// So many changes of the list that is asked for, before each answer.
    package var changesPerRequest = 0
    /// The share of records without an update time, until somebody edits them.
    package var nullTimeShare = 0.0
    /// A custom field that is added or deleted shows in all records at once, though their update times stay: so the
    /// real API does. Off: in those that were written since.
    package var showsNewFieldsAtOnce = true
    /// Custom fields and their options have names that break what is careless with them.
    package var hasHostileNames = false
    /// Off for a server that runs for weeks; the counters stay.
    package var keepsRequestLog = true

    package init(seed: UInt64 = 1, size: AccountSize = AccountSize(), life: LifeRates = LifeRates()) {
        self.seed = seed
        self.size = size
        self.life = life
    }
}

extension AccountOptions {
    /// Reads a time such as `2026-11-23T02:00:00Z`.
    package static func milliseconds(_ text: String) -> Int64? { Stamp.parse(text) }
}

/// How many records there are at the start.
package struct AccountSize: Sendable, Hashable {
    package var deals: Int
    package var persons: Int
    package var organizations: Int
    package var activities: Int
    package var products: Int
    package var leads: Int
    package var notes: Int
    /// The lists beside these.
    package var side: [RecordKind: Int]
    /// So many records of each kind, at most half of them, were edited in one same second: a bulk edit.
    package var cluster = 1200

    /// A company of this many deals; the other lists in the usual proportion to them.
    package init(deals: Int = 200) {
        self.deals = deals
        persons = deals / 2
        organizations = deals / 5
        activities = deals * 3 / 2
        products = deals / 40
        leads = deals / 10
        notes = deals / 2
        side = [
            .files: deals / 2, .callLogs: deals / 10, .mailThreads: deals / 4, .projects: max(4, deals / 40),
            .tasks: max(12, deals / 10), .boards: 2, .phases: 8, .projectTemplates: 3, .roles: 4, .permissionSets: 5,
            .teams: 2, .goals: 9, .webhooks: 3,
        ]
    }

    package subscript(kind: RecordKind) -> Int {
        switch kind {
        case .deals: deals
        case .persons: persons
        case .organizations: organizations
        case .activities: activities
        case .products: products
        case .leads: leads
        case .notes: notes
        default: side[kind] ?? 0
        }
    }
}

/// How often records change, a simulated day. All zero: a frozen account.
package struct LifeRates: Sendable, Hashable {
    package var edits = 0.0
    package var creates = 0.0
    package var deletes = 0.0
    package var archives = 0.0
    package var unarchives = 0.0
    package var merges = 0.0
    package var bulkEdits = 0.0
    /// As many at once in the v1 lists: notes and leads.
    package var listBulkEdits = 0.0
    package var bulkEditRecords = 1200
    /// Leads that become deals.
    package var conversions = 0.0
    /// Custom fields and options that come, go or are renamed.
    package var fieldChanges = 0.0

    package init() {}

    /// A working company of this many deals: about five in a hundred records edited a day.
    package static func office(deals: Int) -> LifeRates {
        var rates = LifeRates()
        rates.edits = max(24, Double(deals) / 10)
        rates.creates = max(12, Double(deals) / 100)
        rates.deletes = max(4, Double(deals) / 1000)
        rates.archives = max(3, Double(deals) / 1000)
        rates.unarchives = 1
        rates.merges = 1
        rates.bulkEdits = 0.3
        return rates
    }

    /// The same, with leads that become deals, custom fields that change and bulk edits in every list.
    package static func company(deals: Int) -> LifeRates {
        var rates = office(deals: deals)
        rates.conversions = max(1, Double(deals) / 2000)
        rates.fieldChanges = 0.3
        rates.listBulkEdits = 0.2
        return rates
    }

    var isFrozen: Bool {
        edits + creates + deletes + archives + unarchives + merges + bulkEdits + listBulkEdits + conversions
            + fieldChanges == 0
    }
}
