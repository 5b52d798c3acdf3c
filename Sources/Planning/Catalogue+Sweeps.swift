/// How the streams are swept: by which lists, and how single records are asked for.
extension Catalogue {
    /// A record of v1 asked for by itself costs as much on every such path.
    private static let singlePriceTokens = 2

    /// Only what a stream's own lists do not tell needs a sweep. Streams that are read as a whole tell it all.
    /// A lead that became a deal answers like one that was deleted, so leads are left out: better a deleted record too
    /// many than a tombstone for one that lives on.
    package static func isSwept(_ stream: StreamSpec) -> Bool { stream.group == .core && stream.name != "leads" }

    /// The lists to be walked by key.
    package static func sweepLists(of stream: StreamSpec) -> [ListSpec] {
        stream.lists.map { list in
            var list = list
            list.name = sweepName(list.name)
            list.timeFilter = .none
            return list
        }
    }

    /// The lists of which a missing record is asked, one after the other. The record itself, where it can be had
    /// alone, is the same whichever list shows it.
    package static func confirmationLists(of stream: StreamSpec) -> [ListSpec] {
        if let first = stream.lists.first, first.paging == .offset {
            return [
                ListSpec(
                    name: confirmationName(first.name), path: "\(first.path)/{id}", priceTokens: singlePriceTokens,
                    paging: .none, pageLimit: 0, timeFilter: .none, selection: .single)
            ]
        }
        return stream.lists.map { list in
            var list = list
            list.name = confirmationName(list.name)
            list.timeFilter = .none
            list.selection = .parameter("ids")
            return list
        }
    }

    private static func sweepName(_ list: String) -> String { "\(list) (sweep)" }
    private static func confirmationName(_ list: String) -> String { "\(list) (missing)" }
}
