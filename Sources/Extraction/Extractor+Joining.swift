import Planning

extension Extractor {
    /// The page in the walk's own words: where a list paged by offsets goes on is for us to say.
    /// - Returns: nil when rows may lie between this page and the one before: then the walk goes back.
    func joined(_ page: Page, _ walk: Walk, _ index: Int) throws -> Page? {
        let list = situation.lists[index].spec
        logs[index].headway.answered(walk)
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

    /// To where the page can be joined on. That is no failed try: the page is as good as any, and whoever goes back far
    /// enough finds the seam. Only where rows come and go by whole pages between any two requests does that lead
    /// nowhere.
    private func goBack(from walk: Walk, _ index: Int) {
        let spec = situation.lists[index].spec
        situation.lists[index].pagesInHand -= 1
        situation.lists[index].active = walk.goneBack(in: spec)
        guard logs[index].headway.isLost(pageLimit: spec.pageLimit) else { return }
        fail(
            index, .serverRefuses,
            "rows come and go faster than its pages can be read, so that it got no further in "
                + "\(logs[index].headway.answers) answers; what was read is kept")
    }
}
