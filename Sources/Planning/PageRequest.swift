/// Which way a list is walked by update time.
package enum WalkDirection: String, Hashable, Sendable {
    case ascending = "asc"
    case descending = "desc"
}

/// One page to ask for: the unit of everything, with its price. Times are sent only to lists that take them.
package struct PageRequest: Hashable, Sendable {
    package var list: ListSpec
    /// `updated_since`, inclusive; nil for a list without a time filter.
    package var since: Instant?
    /// `updated_until`, exclusive; nil for a list without that filter.
    package var until: Instant?
    /// The order by update time; nil for a list that cannot be sorted.
    package var direction: WalkDirection?
    /// Sorted by key, upwards.
    package var isByKey = false
    /// The records or parents asked for, where the list takes them.
    package var keys: [RecordKey] = []
    /// Where to go on; nil for a first page. All filters are sent again with it, since a cursor holds none.
    package var position: PagePosition?

    package init(
        list: ListSpec, since: Instant? = nil, until: Instant? = nil, direction: WalkDirection? = nil,
        position: PagePosition? = nil
    ) {
        self.list = list
        self.since = since
        self.until = until
        self.direction = direction
        self.position = position
    }

    package var priceTokens: Int { list.priceTokens }
}
