import Planning

extension Extractor {
    /// The page in the walk's own words: where a list paged by offsets goes on is for us to say.
    /// - Returns: nil when rows may lie between this page and the one before: then the walk goes back.
    func joined(_ page: Page, _ walk: Walk, _ index: Int) throws -> Page? {
        let list = situation.lists[index].spec
        let holds = try logs[index].seam.holds(page, walk, list) { key in
            try keeping { try store.hasShown(key, list: walk.listing) }
        }
        guard holds else {
            goBack(from: walk, index)
            return nil
        }
        var page = page
        page.next = list.nextPosition(
            after: walk, rowCount: page.records.count, times: OffsetSeam.times(of: page, walk, list), told: page.next)
        logs[index].seam.add(page, of: list)
        return page
    }

    /// To where the page can be joined on: one more try.
    private func goBack(from walk: Walk, _ index: Int) {
        let position = situation.lists[index].spec.positionBefore(walk)
        situation.lists[index].pagesInHand -= 1
        situation.lists[index].active?.position = position
        logs[index].seam = OffsetSeam()
        if !logs[index].tries.failed(at: now) {
            fail(index, .badData, "its rows move faster than its pages can be read")
        }
    }
}
