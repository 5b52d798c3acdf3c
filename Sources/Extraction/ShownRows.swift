import Planning

/// The rows that a walk has shown of the second in which it stands; where a list is read as a whole, all of them.
/// A sorted list shows a row once, since a change would move it to another second, and a whole listing does so too:
/// one that comes again means that the page is not the one that was asked for, and that the rows it should have held
/// are missing.
struct ShownRows: Sendable {
    /// A second can hold any number of rows and memory may not. The first ones are kept: what comes instead of
    /// the right page is mostly the beginning of the list.
    static let most = 5000

    private var second: Instant?
    private var keys: Set<RecordKey> = []

    func repeats(_ page: Page, of walk: Walk) -> Bool {
        if walk.interval == nil { return page.records.contains { keys.contains($0.key) } }
        guard let second, walk.frontier == second, walk.order != .unordered else { return false }
        return page.records.contains { $0.updateTime?.instant == second && keys.contains($0.key) }
    }

    /// Every row of the page was shown before.
    func holdsAll(of page: Page) -> Bool { !page.records.isEmpty && page.records.allSatisfy { keys.contains($0.key) } }

    /// - Parameter after: the walk after the page.
    mutating func add(_ page: Page, _ after: Walk) {
        if after.frontier != second { (second, keys) = (after.frontier, []) }
        for record in page.records where keys.count < Self.most {
            if after.interval == nil || record.updateTime?.instant == after.frontier { keys.insert(record.key) }
        }
    }
}
