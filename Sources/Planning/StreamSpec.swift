/// How a list is paged.
package enum Paging: String, Hashable, Sendable {
    /// v2: `limit` and an opaque `cursor`.
    case cursor
    /// v1: `limit` and `start`.
    case offset
    /// The whole list in one answer.
    case none
}

/// What a list can be narrowed by.
package enum TimeFilter: String, Hashable, Sendable {
    /// `updated_since` and `updated_until`, sortable by update time.
    case sinceAndUntil
    /// `updated_since` alone, sortable by update time.
    case since
    /// None: listed as a whole.
    case none
}

/// How the records or parents that a request is about are named in it.
package enum Selection: Hashable, Sendable {
    /// Not at all: the list holds everything.
    case everything
    /// In a parameter, with commas, `ids` or `deal_ids`.
    case parameter(String)
    /// In the path, `/api/v2/deals/{id}/followers`, one at a time.
    case path
    /// In the path, and the answer is the record itself rather than a list.
    case single

    /// The most ids that a parameter takes.
    package static let mostKeys = 100

    /// How many can be named in one request.
    package var most: Int {
        switch self {
        case .everything: 0
        case .parameter: Self.mostKeys
        case .path, .single: 1
        }
    }
}

/// One endpoint that lists records: a stream is read from one list or several.
package struct ListSpec: Hashable, Sendable {
    /// Unique among all lists: `deals`, `deals/archived`.
    package var name: String
    /// The path below the base URL, `/api/v2/deals`.
    package var path: String
    /// What the operation costs: its `x-token-cost` in the official description.
    package var priceTokens: Int
    package var paging: Paging
    /// The most records a page can hold; 0 where the list takes no limit.
    package var pageLimit: Int
    package var timeFilter: TimeFilter
    /// Parameters sent with every request.
    package var parameters: [Parameter]
    /// How single records or parents are chosen.
    package var selection: Selection

    package struct Parameter: Hashable, Sendable {
        package var name: String
        package var value: String
        package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    package init(
        name: String, path: String, priceTokens: Int, paging: Paging, pageLimit: Int, timeFilter: TimeFilter,
        parameters: [Parameter] = [], selection: Selection = .everything
    ) {
        self.name = name
        self.path = path
        self.priceTokens = priceTokens
        self.paging = paging
        self.pageLimit = pageLimit
        self.timeFilter = timeFilter
        self.parameters = parameters
        self.selection = selection
    }
}

/// The group by which a job file can name a stream.
package enum StreamGroup: String, Hashable, Sendable, CaseIterable {
    case core
    case metadata
}

/// One stream: what it is called, where it is read, and what of its records is looked at.
package struct StreamSpec: Hashable, Sendable {
    package var name: String
    package var group: StreamGroup
    /// Read one after another within an interval, in this order.
    package var lists: [ListSpec]
    /// The member that is the record's key.
    package var keyMember: String
    /// The member that says when the record last changed; nil when it has none.
    package var updateTimeMember: String?
    /// For streams without a time filter: how old the copy may be before it is listed anew, in seconds.
    package var timeToLiveSeconds: Int64?

    package init(
        name: String, group: StreamGroup, lists: [ListSpec], keyMember: String, updateTimeMember: String?,
        timeToLiveSeconds: Int64?
    ) {
        self.name = name
        self.group = group
        self.lists = lists
        self.keyMember = keyMember
        self.updateTimeMember = updateTimeMember
        self.timeToLiveSeconds = timeToLiveSeconds
    }

    /// Listed as a whole rather than by windows of update time.
    package var isWholeList: Bool { lists.allSatisfy { $0.timeFilter == .none } }
}
