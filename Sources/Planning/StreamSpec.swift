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
    /// None, but sortable by update time: read from the newest down to what is known.
    case newestFirst
    /// By the records under which its own hang: read for the parents that changed.
    case parents
    /// None: listed as a whole.
    case none
}

/// How the records or parents that a request is about are named in it.
package enum Selection: Hashable, Sendable {
    /// Not at all: the list holds everything.
    case everything
    /// In a parameter, with commas, `ids` or `deal_ids`.
    case parameter(String)
    /// In a parameter that takes one id, `board_id`.
    case value(String)
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
        case .value, .path, .single: 1
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
    /// For a list without a time filter: how old its copy may be before it is listed anew, in seconds.
    package var timeToLiveSeconds: Int64?
    /// The answer does not say whether more follows: after a full page it may.
    package var endsSilently = false
    /// What it no longer shows is gone. Not so where records leave a list for another reason.
    package var tellsWhatIsGone = true

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
    /// Everything that is neither core nor metadata nor a history; the job file's `all` means those groups as well.
    case all
    /// Histories: read only where a job names them, since they cost a request or more for every parent.
    case byName = "by name"
}

/// One stream: what it is called, where it is read, and what of its records is looked at.
package struct StreamSpec: Hashable, Sendable {
    package var name: String
    package var group: StreamGroup
    /// Read one after another within an interval, in this order.
    package var lists: [ListSpec]
    /// The member that is the record's key.
    package var keyMember: String
    package var keyKind = KeyKind.member
    /// Under which records its own hang; nil for a stream that stands alone.
    package var parent: ParentLink?
    /// The member that says when the record last changed; nil when it has none.
    package var updateTimeMember: String?
    /// The member of `data` that holds the records, where they are not `data` itself.
    package var rowsMember: String?
    /// What the account must have for it: a plan, an add-on, a right, the scope of an app's token.
    package var needs: Needs?

    package struct Needs: Hashable, Sendable {
        /// Beyond a token of an ordinary user; nil = nothing.
        package var feature: String?
        /// One of the scopes that let an app's token read it.
        package var scope: String

        package init(_ scope: String, _ feature: String? = nil) { (self.scope, self.feature) = (scope, feature) }

        /// What is missing where a list cannot be read; nil where that is the right of the token's user alone.
        /// - Parameter isRefusedApp: an app was refused: it may lack the scope. An API token has none.
        package func missing(isRefusedApp: Bool) -> String? {
            isRefusedApp ? (feature.map { "\($0); " } ?? "") + "scope \(scope)" : feature
        }
    }

    /// Where a record's key is found.
    package enum KeyKind: Hashable, Sendable {
        /// In `keyMember`.
        case member
        /// An entry of a flow: what it is, in `object`, and its id in `data`.
        case entry
        /// Nowhere: the record is known by its bytes.
        case content
    }

    /// - Parameter timeToLiveSeconds: of all its lists without a time filter that have none of their own.
    package init(
        name: String, group: StreamGroup, lists: [ListSpec], keyMember: String, updateTimeMember: String?,
        timeToLiveSeconds: Int64? = nil, rowsMember: String? = nil, needs: Needs? = nil
    ) {
        self.name = name
        self.group = group
        self.lists = lists.map { list in
            var list = list
            if list.timeFilter == .none { list.timeToLiveSeconds = list.timeToLiveSeconds ?? timeToLiveSeconds }
            return list
        }
        self.keyMember = keyMember
        self.updateTimeMember = updateTimeMember
        self.rowsMember = rowsMember
        self.needs = needs
    }

    /// Listed as a whole rather than by windows of update time.
    package var isWholeList: Bool { lists.allSatisfy { $0.timeFilter == .none } }

    /// One complete listing does not prove that a record is gone: it can move from a list that is still to be read
    /// to one that has been, or across a seam of pages. It counts as gone once two in a row have not shown it.
    package var buriesAtSecondMiss: Bool { lists.count > 1 || lists.contains { $0.paging == .offset } }

    /// Whether what a complete reading of the whole stream no longer shows is gone.
    package var tellsWhatIsGone: Bool { isWholeList && lists.allSatisfy(\.tellsWhatIsGone) }
}

extension StreamSpec {
    /// What is done of the stream: what is done of all its lists. One without a time filter that stands beside others
    /// with one vouches for as long as its copy may live.
    package func coverage(of lists: [String: Coverage]) -> Coverage {
        let parts = self.lists.map { list in
            let done = lists[list.name] ?? Coverage()
            guard !isWholeList, let timeToLive = list.timeToLiveSeconds else { return done }
            return Coverage(
                done.intervals.compactMap { Interval(since: $0.since, until: $0.until + timeToLive) })
        }
        return parts.dropFirst().reduce(parts.first ?? Coverage()) { $0.intersection($1) }
    }

    /// Where a list must have shown all that it has: what is done of the stream, but of this list not what its copy is
    /// merely young enough for. An archive that is listed once a week does not know what was edited in it since.
    package func audited(_ part: Int, by lists: [String: Coverage]) -> Coverage {
        coverage(of: lists).intersection(lists[self.lists[part].name] ?? Coverage())
    }

    /// The least that must be done of a list where so much is done of the stream: it is listed anew at once.
    package func coverage(of list: ListSpec, within coverage: Coverage) -> Coverage {
        guard !isWholeList, let timeToLive = list.timeToLiveSeconds else { return coverage }
        return Coverage(
            coverage.intervals.compactMap {
                Interval(since: $0.since, until: max($0.since + 1, $0.until - timeToLive))
            })
    }
}
