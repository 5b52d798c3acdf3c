package import Planning

/// Everything that one page makes true, all of it in one transaction.
package struct PageEntry: Sendable {
    package var stream: StreamSpec
    package var list: ListSpec
    package var page: NumberedPage
    /// The page's lines; nil when no version was new.
    package var block: GzipBlock?
    /// What was remembered of the walk before this page, and what is to be remembered now; nil = nothing.
    package var walkBefore: Walk?
    package var walkAfter: Walk?
    /// What this page finished of the list.
    package var covered: Interval?
    /// The keys this page showed of a listing that is read as a whole.
    package var seen: [RecordKey]
    /// It is the first page of such a listing: what was shown before belongs to another one.
    package var beginsListing = false
    /// What this page says of a sweep.
    package var sweep: SweepPage?
    /// What is learnt from it, and for what it was asked; `added` is counted at the turnstile.
    package var reading: (kind: StepKind, reading: Reading)?
    /// What this page says of the children of some parents.
    package var children: ChildPage?

    package init(
        stream: StreamSpec, list: ListSpec, page: NumberedPage, block: GzipBlock?, walkBefore: Walk?, walkAfter: Walk?,
        covered: Interval?, seen: [RecordKey] = [], sweep: SweepPage? = nil, children: ChildPage? = nil
    ) {
        self.stream = stream
        self.list = list
        self.page = page
        self.block = block
        self.walkBefore = walkBefore
        self.walkAfter = walkAfter
        self.covered = covered
        self.seen = seen
        self.sweep = sweep
        self.children = children
    }
}

/// Where an entry's block lies.
struct PlacedBlock {
    var file: Int64
    var start: Int64
    var length: Int
}
