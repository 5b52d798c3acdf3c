import Planning

extension Extractor {
    /// From here on the list is asked for half as many records a page, wherever it is read: the same page would be too
    /// large whenever it is asked for. That is no failed try. The next run begins with full pages, since what changed
    /// in a night mostly fits.
    func askForLess(_ index: Int, _ reason: String) throws {
        let spec = situation.lists[index].spec
        // What was under way meanwhile was asked for before that was known.
        guard logs[index].rowsAskedFor <= spec.pageLimit else { return }
        guard spec.pageLimit > 1 else { return try retry(index, .badData, reason) }
        let rows = spec.pageLimit / 2
        for other in situation.lists.indices where situation.lists[other].spec.name == spec.name {
            situation.lists[other].spec.pageLimit = rows
        }
        logger.info("a page of \(spec.name) was too large (\(reason)); \(rows) records are asked for at a time")
    }
}
