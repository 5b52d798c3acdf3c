import Planning

extension Extractor {
    /// The page in the walk's own words: where a list paged by offsets goes on is for us to say.
    /// - Returns: nil when rows may lie between this page and the one before: then the walk goes back.
    func joined(_ page: Page, _ walk: Walk, _ index: Int) throws -> Page? {
        let list = situation.lists[index].spec
        let isJoined = try walk.joins(page, of: list) { key in
            try keeping { try store.hasShown(anyOf: [key], list: walk.listing) }
        }
        guard isJoined else {
            goBack(from: walk, index)
            return nil
        }
        var page = page
        page.next = list.nextPosition(
            after: walk, rowCount: page.records.count, times: walk.seconds(of: page, in: list), told: page.next)
        return page
    }

    /// To where the page can be joined on: one more try.
    private func goBack(from walk: Walk, _ index: Int) {
        situation.lists[index].pagesInHand -= 1
        situation.lists[index].active = walk.goneBack(in: situation.lists[index].spec)
        if !logs[index].tries.failed(at: now) {
            fail(index, .badData, "its rows move faster than its pages can be read")
        }
    }
}
